---@meta text

--- Texts by characters: Finnish letters count as one, blanks that do not break are blanks.
---
--- ```lua
--- local text = require "text"
--- text.length("Äijälä")         --> 6
--- text.upper("äijälä")          --> ÄIJÄLÄ
--- text.trim("\u{A0} 12,50 ")    --> 12,50
--- ```
---@class text
local text = {}

--- How many characters it has.
---
--- ```lua
--- text.length("10 €") --> 4
--- ```
---@param s string
---@return integer
function text.length(s) end

--- Characters `first` to `last`, negative ones counted from the end.
---
--- ```lua
--- text.sub("Äijälä", 1, 3) --> Äij
--- text.sub("Äijälä", -2)   --> lä
--- ```
---@param s string
---@param first integer
---@param last? integer -1 when not given
---@return string
function text.sub(s, first, last) end

--- ```lua
--- text.upper("åbo") --> ÅBO
--- ```
---@param s string
---@return string
function text.upper(s) end

--- ```lua
--- text.lower("ÅBO") --> åbo
--- ```
---@param s string
---@return string
function text.lower(s) end

--- Without blanks at both ends, whatever kind they are.
---
--- ```lua
--- text.trim("  Oy Ab \n") --> Oy Ab
--- ```
---@param s string
---@return string
function text.trim(s) end

---@param s string
---@return string
function text.trim_left(s) end

---@param s string
---@return string
function text.trim_right(s) end

--- Each run of blanks becomes one, none stays at the ends.
---
--- ```lua
--- text.squeeze("  Oy \u{A0} Ab ") --> Oy Ab
--- ```
---@param s string
---@return string
function text.squeeze(s) end

--- With `fill` before it, up to a width in characters.
---
--- ```lua
--- text.pad_left("150", 5, "0") --> 00150
--- ```
---@param s string
---@param width integer
---@param fill? string one character, a blank when not given
---@return string
function text.pad_left(s, width, fill) end

--- ```lua
--- text.pad_right("Äijä", 6, ".") --> Äijä..
--- ```
---@param s string
---@param width integer
---@param fill? string one character, a blank when not given
---@return string
function text.pad_right(s, width, fill) end

--- The parts between separators; empty ones too.
---
--- ```lua
--- text.split("a;;b", ";")    --> { "a", "", "b" }
--- text.split("a;b;c", ";", 2) --> { "a", "b;c" }
--- ```
---@param s string
---@param separator string as it is, no pattern
---@param most? integer how many parts there may be; the last has the rest
---@return string[]
function text.split(s, separator, most) end

--- All of a list as one text.
---
--- ```lua
--- text.join({ "a", 1, decimal "2.50" }, ", ") --> a, 1, 2.50
--- ```
---@param list any[] texts, numbers, decimals, dates
---@param separator? string
---@return string
function text.join(list, separator) end

--- ```lua
--- text.contains("100 %", "%") --> true
--- ```
---@param s string
---@param part string as it is, no pattern
---@return boolean
function text.contains(s, part) end

---@param s string
---@param part string
---@return boolean
function text.starts(s, part) end

---@param s string
---@param part string
---@return boolean
function text.ends(s, part) end

--- Every place where `old` stands gets `new`; neither is a pattern.
---
--- ```lua
--- text.replace("1.234.567", ".", "") --> 1234567
--- ```
---@param s string
---@param old string
---@param new string
---@return string
function text.replace(s, old, new) end

--- The lines of a text; they may end with LF, CR LF or CR.
---
--- ```lua
--- text.split_lines("a\r\nb\n") --> { "a", "b" }
--- ```
---@param s string
---@return string[]
function text.split_lines(s) end

---@class text.encoding_options
---@field encoding? string "utf-8", "windows-1252", "iso-8859-15", "cp850" …; guessed when reading, utf-8 when writing
---@field lossy? boolean what can't be read or written becomes a replacement character, instead of an error

--- A text as bytes of an encoding.
---
--- ```lua
--- #text.encode("Ä", "iso-8859-1") --> 1
--- ```
---@param s string
---@param encoding string
---@param options? { lossy: boolean }
---@return string bytes
function text.encode(s, encoding, options) end

--- Bytes of an encoding as a text.
---
--- ```lua
--- text.decode("P\xE4iv\xE4", "windows-1252") --> Päivä
--- ```
---@param bytes string
---@param encoding string
---@param options? { lossy: boolean }
---@return string
function text.decode(bytes, encoding, options) end

--- The encoding that bytes most likely have.
---
--- ```lua
--- text.guess("P\xE4iv\xE4") --> windows-1252
--- ```
---@param bytes string
---@return string
function text.guess(bytes) end

---@class text.field
---@field [1] string name
---@field [2] integer width
---@field align? "left"|"right" where a shorter value stands when written
---@field fill? string one character, a blank when not given

---@class text.record_options
---@field by? "characters"|"bytes" what widths count; characters when not given

--- The fields of a fixed-width line. Blanks are kept, and the line must be as long as its fields together.
---
--- ```lua
--- text.record("3FI21  12", { { "type", 1 }, { "account", 6 }, { "code", 2 } })
---   --> { type = "3", account = "FI21  ", code = "12" }
--- ```
---@param line string
---@param fields text.field[]
---@param options? text.record_options
---@return table<string, string>
function text.record(line, fields, options) end

--- A fixed-width line from values; what is longer than its field raises.
---
--- ```lua
--- text.write_record({ type = "3", sum = 1205 }, { { "type", 1 }, { "sum", 8, align = "right", fill = "0" } })
---   --> 300001205
--- ```
---@param values table<string, any>
---@param fields text.field[]
---@param options? text.record_options
---@return string
function text.write_record(values, fields, options) end

--- A text with values put in where it has their names in braces. A value that is missing raises; `{{` is a brace.
---
--- ```lua
--- text.template("Dear {name}, you owe {sum} €.", { name = "Oy Ab", sum = decimal "12.50" })
---   --> Dear Oy Ab, you owe 12.50 €.
--- ```
---@param template string
---@param values table<string, any>
---@return string
function text.template(template, values) end

--- A text file of the run's folder, at most 64 MB.
---
--- ```lua
--- local letter = text.read("letter.txt", { encoding = "iso-8859-15" })   --> the whole text
--- ```
---@param path string in the run's folder
---@param options? text.encoding_options
---@return string
function text.read(path, options) end

--- The lines of a text file, one by one, however large it is. A line has at most 1 MB; its end is not part of it.
---
--- ```lua
--- for line in text.lines("payments.txt", { encoding = "iso-8859-1" }) do
---   print(text.length(line))     --> 90
--- end
--- ```
---@param path string in the run's folder
---@param options? text.encoding_options
---@return fun(): string?
function text.lines(path, options) end

--- Writes a text file, whole or not at all; at most 64 MB. Excel reads "utf-8-bom".
---
--- ```lua
--- text.write("report.txt", "Done.\n")        --> report.txt has one line
--- ```
---@param path string in the run's folder
---@param s string
---@param options? text.encoding_options
function text.write(path, s, options) end

--- The SHA-256 of a file, by which it is known again under any name.
---
--- ```lua
--- text.digest("empty.txt") --> e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
--- ```
---@param path string in the run's folder
---@return string 64 hexadecimal digits
function text.digest(path) end

return text
