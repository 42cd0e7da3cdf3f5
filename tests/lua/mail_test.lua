-- require "mail", with a fake in place of the gateway: what is composed, and what is refused.
local mail  = require "mail"
local sheet = require "sheet"
local test  = require "test"
local text  = require "text"

local function sent(options, dry_run)
  local answer
  local seen = test.reach({}, function() answer = mail.send(options) end, { dry_run = dry_run })
  return seen.mails[1], answer
end

local function code_of(options)
  return test.raises(function() sent(options) end).code
end

local tests = {}

tests["a mail has recipients, subject and words that can be read as they travel"] = function()
  local one, answer = sent {
    to = "a@x.example", cc = { "B <b@x.example>" }, subject = "Päivä", text = "Hyvää päivää!\n1 = 1",
  }
  test.equal(one.to, { "a@x.example" })
  test.equal(one.cc, { "B <b@x.example>" })
  test.equal(one.bcc, {})
  test.equal(one.subject, "Päivä")
  test.equal(answer.held, false)
  test.contains(answer.message_id, "@")
  test.contains(one.content, "Content-Type: text/plain; charset=utf-8\r\n"
    .. "Content-Transfer-Encoding: quoted-printable\r\n\r\nHyv=C3=A4=C3=A4 p=C3=A4iv=C3=A4=C3=A4!\r\n1 =3D 1\r\n")
end

tests["every line ends with CR LF and is at most 76 characters long"] = function()
  local long = ("Yö oli pitkä ja kylmä, = ja niin edelleen. "):rep(20) .. "\rloppu \n\n"
  local one = sent { to = "a@x.example", subject = "x", text = long, html = "<p>" .. long }
  local without = one.content:gsub("\r\n", "")
  test.equal(without:find "[\r\n]", nil)
  for line in one.content:gmatch "(.-)\r\n" do
    if #line > 76 then test.equal(line, "at most 76 characters") end
  end
  local words = one.content:match "quoted%-printable\r\n\r\n(.-)\r\n%-%-":gsub("=\r\n", "")
    :gsub("=(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end)
  test.equal(words, (long:gsub("\r", "\n"):gsub("\n", "\r\n")))
end

tests["words and page stand beside each other"] = function()
  local one = sent { to = "a@x.example", subject = "x", text = "words", html = "<p>page" }
  test.contains(one.content, "Content-Type: multipart/alternative; boundary=")
  test.contains(one.content, "text/plain")
  test.contains(one.content, "text/html")
end

tests["files are attached under their names, in whatever letters"] = function()
  text.write("out.csv", ("a;b\n"):rep(12))
  local named = { path = "out.csv", name = "Päivän \"rivit\".csv" }
  local one = sent { to = "a@x.example", subject = "x", attach = { "out.csv", named } }
  test.equal(one.attachments[2].name, "Päivän \"rivit\".csv")
  test.contains(one.content, "Content-Type: text/csv\r\nContent-Transfer-Encoding: base64\r\n"
    .. "Content-Disposition: attachment; filename=\"out.csv\"\r\n\r\n"
    .. ("YTtiCmE7YgphO2IK"):rep(4) .. "\r\n")
  test.contains(one.content, "attachment;\r\n filename*=UTF-8''P%C3%A4iv%C3%A4n%20%22rivit%22.csv\r\n")
end

tests["a report that is still open is closed before it goes"] = function()
  local report = sheet.create "differences.xlsx"
  report:table("Differences", { "A" }, { { 1 } })
  local one = sent { to = "a@x.example", subject = "x", text = "see", attach = report }
  test.equal(one.attachments[1].name, "differences.xlsx")
  test.contains(one.content, "spreadsheetml.sheet")
  test.contains(one.content, "\r\n\r\nUEsDB") -- a zip file in base64
end

tests["what can't be sent is told before anything is"] = function()
  test.equal(code_of { subject = "x", text = "y" }, "MAIL_NOBODY")
  test.equal(code_of { to = {}, subject = "x", text = "y" }, "MAIL_NOBODY")
  test.equal(code_of { to = "a@x.example, b@x.example", subject = "x", text = "y" }, "MAIL_ADDRESS")
  test.equal(code_of { to = "nobody", subject = "x", text = "y" }, "MAIL_ADDRESS")
  test.equal(code_of { to = 7, subject = "x", text = "y" }, "OPTION_WRONG")
  test.equal(code_of { to = "a@x.example", text = "y" }, "OPTION_WRONG")
  test.equal(code_of { to = "a@x.example", subject = "x" }, "MAIL_EMPTY")
  test.equal(code_of { to = "a@x.example", subject = "x\r\nBcc: b@x.example", text = "y" }, "MAIL_FIELD")
  test.equal(code_of { to = "a@x.example", subject = "x", text = "\xE4" }, "MAIL_FIELD")
  test.equal(code_of { to = "a@x.example", subject = "x", text = "y", attach = "none.csv" }, "FILE_MISSING")
  test.equal(code_of { to = "a@x.example", subject = "x", text = "y", attachment = "z" }, "OPTION_UNKNOWN_OF")
end

tests["a mail over 25 MB with its attachments is refused"] = function()
  text.write("large.txt", ("x"):rep(20 << 20))
  test.equal(code_of { to = "a@x.example", subject = "x", attach = "large.txt" }, "MAIL_TOO_LARGE")
end

tests["a rehearsal says that nothing was sent"] = function()
  local one, answer = sent({ to = "a@x.example", subject = "x", text = "y" }, true)
  test.equal(answer.held, true)
  test.equal(one.held, true)
end

return tests
