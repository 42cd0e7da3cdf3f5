local date    = require "date"
local decimal = require "decimal"
local text    = require "text"

-- The text of what a call raises.
local function raised(f, ...)
  local done, fault = pcall(f, ...)
  assert(not done, "nothing was raised")
  return tostring(fault)
end

local function equal(got, expected)
  if tostring(got) ~= expected then
    error(("expected %s, got %s"):format(expected, tostring(got)), 2)
  end
end

local function mentions(message, part)
  if not message:find(part, 1, true) then
    error(("%s is not in: %s"):format(part, message), 2)
  end
end

local tests = {}

tests["characters are counted, not bytes"] = function()
  assert(text.length "Äijälä €" == 8)
  equal(text.sub("Äijälä", 1, 3), "Äij")
  equal(text.sub("Äijälä", -2), "lä")
  equal(text.upper "åäö šž", "ÅÄÖ ŠŽ")
  equal(text.lower "ÅÄÖ ŠŽ", "åäö šž")
end

tests["blanks are all kinds of blanks"] = function()
  equal(text.trim "\u{A0} 12,50\u{202F}\r\n", "12,50")
  equal(text.trim_left "  a ", "a ")
  equal(text.trim_right "  a ", "  a")
  equal(text.squeeze "  Oy \u{A0} Ab ", "Oy Ab")
end

tests["texts are padded to a width in characters"] = function()
  equal(text.pad_left("150", 5, "0"), "00150")
  equal(text.pad_right("Äijä", 6, "."), "Äijä..")
  equal(text.pad_left("too long", 3), "too long")
  raised(text.pad_left, "a", 5, "xy")
  raised(text.pad_left, "a", 1 << 40)
end

tests["texts are split, joined and replaced without patterns"] = function()
  equal(text.join(text.split("a.b..c", "."), "|"), "a|b||c")
  equal(text.join(text.split("a;b;c", ";", 2), "|"), "a|b;c")
  equal(text.join(text.split("", ";"), "|"), "")
  equal(text.join({ "a", 1, decimal "2.50", date "31.5.2026" }, ", "), "a, 1, 2.50, 2026-05-31")
  equal(text.replace("1.234.567", ".", ""), "1234567")
  assert(text.contains("100 %", "%") and text.starts("RF33", "RF") and text.ends("a.csv", ".csv"))
  assert(not text.ends("a", ".csv"))
  raised(text.split, "a", "")
  raised(text.replace, "a", "", "b")
  raised(text.join, { {} })
end

tests["lines end in every usual way"] = function()
  equal(text.join(text.split_lines "a\r\nb\n\nc\rd", "|"), "a|b||c|d")
  assert(#text.split_lines "" == 0 and #text.split_lines "a\n" == 1)
end

tests["encodings are written and read"] = function()
  assert(text.encode("Ä€", "windows-1252") == "\xC4\x80")
  equal(text.decode("P\xE4iv\xE4", "latin1"), "Päivä")
  equal(text.guess "P\xE4iv\xE4", "windows-1252")
  equal(text.encode("5 €", "iso-8859-1", { lossy = true }), "5 ?")
  mentions(raised(text.encode, "5 €", "iso-8859-1"), "€")
  mentions(raised(text.decode, "ab\xE4", "utf-8"), "E4")
  mentions(raised(text.decode, "ab", "utf-9"), "utf-9")
end

tests["a record is read and written by its widths"] = function()
  local fields = { { "type", 1 }, { "name", 6 }, { "sum", 8, align = "right", fill = "0" } }
  local line = text.write_record({ type = "3", name = "Äijä", sum = 1205 }, fields)
  equal(line, "3Äijä  00001205")
  local record = text.record(line, fields)
  assert(record.type == "3" and record.name == "Äijä  " and record.sum == "00001205")
  mentions(raised(text.record, line:sub(1, -2), fields), "15")
  mentions(raised(text.write_record, { name = "too long" }, fields), "name")
  raised(text.record, line, { { "type" } })
  raised(text.record, line, {})
  raised(text.record, line, fields, { by = "bytes" })
end

tests["a template has no holes"] = function()
  equal(text.template("{name}: {sum} € {{x} {", { name = "Oy Ab", sum = decimal "12.50" }), "Oy Ab: 12.50 € {x} {")
  mentions(raised(text.template, "{nobody}", {}), "nobody")
  raised(text.template, "{t}", { t = {} })
end

tests["files of the run's folder are written, read and known again"] = function()
  text.write("text_test.txt", "Äijä\r\n5 €", { encoding = "windows-1252" })
  equal(text.read "text_test.txt", "Äijä\r\n5 €")
  equal(text.read("text_test.txt", { encoding = "iso-8859-1" }), "Äijä\r\n5 \u{80}")
  local lines = {}
  for line in text.lines("text_test.txt", { encoding = "windows-1252" }) do
    lines[#lines + 1] = line
  end
  equal(text.join(lines, "|"), "Äijä|5 €")
  for line in text.lines "text_test.txt" do
    if line == "Äijä" then break end -- left early, the file is closed
  end
  text.write("text_test.txt", "")
  equal(text.digest "text_test.txt", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
end

tests["no path leads out of the folder"] = function()
  for _, path in ipairs { "/etc/passwd", "../x", "a/../../x", "", "a\0b" } do
    raised(text.read, path)
    raised(text.lines, path)
    raised(text.write, path, "")
    raised(text.digest, path)
  end
  mentions(raised(text.read, "missing.txt"), "missing.txt")
end

return tests
