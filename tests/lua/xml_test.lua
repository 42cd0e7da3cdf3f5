local date = require "date"
local decimal = require "decimal"
local xml = require "xml"

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

local schema_text = [[
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="sum" type="xs:decimal"/></xs:schema>]]

local function statement()
  return xml.parse("<a xmlns='urn:x'>\n<b k='v'>1.20</b><b/></a>", { namespaces = { s = "urn:x" } })
end

local tests = {}

tests["a prefix given with the document serves every question"] = function()
  local doc = statement()
  equal(#doc:find("//s:b"), 2)
  equal(doc:value("//s:b"), "1.20")
  equal(doc:value("count(//s:b)"), 2)
  equal(doc:value("//s:b/@k = 'v'"), true)
  equal(doc:value("//s:none"), nil)
  equal(doc:value("//o:b", { o = "urn:x" }), "1.20")
end

tests["a node outlives the variable of its document"] = function()
  local node = statement():first("//s:b")
  for i = 1, 20000 do equal(#{ i }, 1) end -- waste enough for the collector to run
  equal(node:name(), "b")
  equal(node:line(), 2)
  equal(node:attribute("k"), "v")
  equal(node:attributes().k, "v")
  equal(node:parent():child("b"), node)
  equal(#node:parent():children("b"), 2)
  equal(node:parent():parent(), nil)
  equal(node:value("../s:b[1]/@k"), "v")
end

tests["what can't be read is told by line"] = function()
  mentions(raised(xml.parse, "<a>\n<b></a>"), "line 2")
  mentions(raised(xml.parse, "<!DOCTYPE a><a/>"), "DOCTYPE")
  mentions(raised(xml.parse, "<a>\xFF</a>"), "FF")
end

tests["a DOCTYPE that only names a DTD can be passed over"] = function()
  local text = "<!DOCTYPE a SYSTEM 'a.dtd'><a>1</a>"
  equal(xml.parse(text, { ignore_doctype = true }):value("/a"), "1")
end

tests["a wrong question says what is wrong with it"] = function()
  local doc = statement()
  mentions(raised(doc.find, doc, "//q:b"), "given were: s")
  mentions(raised(doc.find, doc, "//s:b["), "//s:b[")
  mentions(raised(doc.find, doc, "count(//s:b)"), "not nodes")
  mentions(raised(doc.find, doc, 5), "xpath")
end

tests["a document is built from tables and read back"] = function()
  local doc = xml.build {
    "p:Invoice", ["xmlns:p"] = "urn:p", xmlns = "urn:d", number = 7,
    { "Total", currency = "EUR", decimal "12.30" },
    nil,
    { "Due", date "2026-10-31" },
    { "Paid", false },
  }
  equal(doc:written { declaration = false }, '<p:Invoice xmlns="urn:d" xmlns:p="urn:p" number="7">'
    .. '<Total currency="EUR">12.30</Total><Due>2026-10-31</Due><Paid>false</Paid></p:Invoice>')
  equal(xml.parse(doc:written { encoding = "ISO-8859-1" }):value("//d:Total", { d = "urn:d" }), "12.30")
end

tests["a letter that the charset lacks is written as a reference"] = function()
  local written = xml.build({ "a", "ä€" }):written { encoding = "ISO-8859-1", declaration = false }
  equal(written, "<a>\xE4&#8364;</a>")
end

tests["binary fractions and wrong names can't be built"] = function()
  mentions(raised(xml.build, { "a", 1.5 }), "1.5")
  mentions(raised(xml.build, { "two words" }), "two words")
  mentions(raised(xml.build, { "q:a" }), '"q"')
end

tests["what breaks a schema is listed with line and reason"] = function()
  local schema = xml.schema(schema_text)
  equal(#xml.validate(xml.parse "<sum>1.20</sum>", schema), 0)
  local faults = xml.validate(xml.parse "<!-- -->\n<sum>1,20</sum>", schema_text)
  equal(faults[1].line, 2)
  mentions(faults[1].reason, "'1,20'")
  mentions(raised(xml.check, xml.parse "<sum>1,20</sum>", schema), "line 1")
  mentions(raised(xml.schema, "<x/>"), "schema")
end

return tests
