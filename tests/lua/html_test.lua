local html = require "html"

local function raised(f, ...)
  local done, fault = pcall(f, ...)
  assert(not done, "nothing was raised")
  return tostring(fault)
end

local function equal(got, expected)
  if got ~= expected then
    error(("expected %s, got %s"):format(tostring(expected), tostring(got)), 2)
  end
end

local function mentions(text, part)
  if not text:find(part, 1, true) then
    error(("%s is not in: %s"):format(part, text), 2)
  end
end

local ledger = [[
<title>Ledger</title><a href="?page=2">next</a>
<table><caption>Dues</caption><tr><th colspan=2>Month<tr><td>1<td>2,50</table>
<form name=entry method=post action=save><input name=user><input type=checkbox name=ok>
<select name=unit><option value=1>Schools<option value=2>Streets</select>
<select multiple name=years><option>2025<option>2026</select><input type=submit name=go value=Save></form>]]

local function page()
  return html.parse(ledger, { url = "https://ledger.example/app/" })
end

local tests = {}

tests["title, links and tables are read off a page"] = function()
  local doc = page()
  equal(doc:title(), "Ledger")
  equal(doc:charset(), "utf-8")
  equal(doc:links()[1].url, "https://ledger.example/app/?page=2")
  equal(doc:table("Dues").header_rows, 1)
  equal(doc:table(1).rows[1][2], "Month")
  equal(doc:table().rows[2][2], "2,50")
  equal(doc:value("//td[2]"), "2,50")
  equal(html.parse("<p>a<br>b"):text(), "a b")
  equal(html.parse(""):root(), nil)
end

tests["the header's charset counts"] = function()
  equal(html.parse("<p>\xE4", { charset = "ISO-8859-1" }):text(), "ä")
  equal(html.parse("<p>\x80"):text(), "€")
end

tests["a form is filled in and made a request"] = function()
  local form = page():form("entry")
  equal(form.values.user, "")
  equal(form.values.ok, false)
  equal(form.values.unit, "1")
  equal(#form.values.years, 0)
  form.values.user = "Mäki"
  form.values.ok = true
  form.values.unit = "Streets"
  form.values.years = { 2025, "2026" }
  local request = form:request()
  equal(request.method, "POST")
  equal(request.url, "https://ledger.example/app/save")
  equal(request.multipart, false)
  local sent = {}
  for i, pair in ipairs(request.form) do sent[i] = pair[1] .. "=" .. pair[2] end
  equal(table.concat(sent, "&"), "user=Mäki&ok=on&unit=2&years=2025&years=2026&go=Save")
end

tests["a form is sent in the charset of its page"] = function()
  local form = html.parse("<meta charset=windows-1252><form method=post><input name=a></form>"):form()
  form.values.a = "ä€Ł"
  equal(form:request().form[1][2], "\xE4\x80&#321;")
end

tests["a form by GET is all in its address"] = function()
  local form = html.parse("<form action=find><input name=q value='a b'></form>", { url = "https://x.example/" }):form()
  equal(form:request().url, "https://x.example/find?q=a+b")
  equal(form:request().form, nil)
end

tests["what the form does not have is refused, with what it has"] = function()
  local form = page():form()
  mentions(raised(function() form.values.usr = "x" end), "usr")
  mentions(raised(function() return form.values.usr end), "usr")
  mentions(raised(function() form.values.unit = "Parks" end), "Parks")
  mentions(raised(function() form.values.user = 1.5 end), "1.5")
  mentions(raised(function() form:request { button = "Delete" } end), "Delete")
  equal(form.values.unit, "1")
end

tests["a form or table that is not on the page is told with those that are"] = function()
  local doc = page()
  mentions(raised(doc.form, doc, "login"), '"entry"')
  mentions(raised(doc.table, doc, "Fees"), '"Dues"')
  mentions(raised(doc.table, doc, 3), "3")
end

return tests
