---@meta json

--- JSON by RFC 8259, without losing a digit.
---
--- ```lua
--- local json = require "json"
--- json.decode('{"total": 12.30}', { numbers = "decimal" }).total    --> 12.30
--- json.encode { paid = true, lines = { 1, 2 } }                     --> {"lines":[1,2],"paid":true}
--- ```
---@class json
---@field null json.null what JSON's null becomes, and what is written as null
local json = {}

---@class json.null

---@class json.decode_options
---@field numbers? "number" | "decimal" "number" by default
---@field nulls? boolean true by default: null is json.null; false: members of objects that are null are left out

--- Reads a JSON text.
---
--- 1. A number without point and exponent is an integer, and a decimal where it has more than 64 bits: no integer is
---    ever rounded. Other numbers are Lua's binary numbers (a decimal where they are too large for one).
--- 2. With `numbers = "decimal"` every number, whole or not, is an exact decimal: for money.
--- 3. null is `json.null`, which is not nil and counts as true in an `if`; `nulls = false` leaves such members out.
--- 4. Of names that come twice the last one counts.
---
--- What is no JSON raises with line and column.
---
--- ```lua
--- json.decode("[1, 2.5, 12345678901234567890]")[3]              --> 12345678901234567890
--- json.decode('{"a": null}').a == json.null                     --> true
--- json.decode('{"a": null}', { nulls = false }).a               --> nil
--- ```
---@param text string at most 64 MB, 64 levels deep
---@param options? json.decode_options
---@return any
function json.decode(text, options) end

---@class json.encode_options
---@field pretty? boolean with line breaks and two blanks a level, for people; false by default

--- Writes a value as JSON, names in order, so that equal values give equal texts.
---
--- Decimals are written with their digits, dates in ISO 8601. A table with the items 1, 2, 3 … is a list, one with
--- names an object, an empty one a list; `json.object {}` is an empty object. What JSON has no form for raises and says
--- where it stands.
---
--- ```lua
--- json.encode { sum = decimal "12.30", due = json.null }   --> {"due":null,"sum":12.30}
--- json.encode { lines = {} }                               --> {"lines":[]}
--- ```
---@param value any
---@param options? json.encode_options
---@return string
function json.encode(value, options) end

--- Marks a table (or a new one) as a list, also when it is empty. Returns it.
---
--- ```lua
--- json.encode(json.array {})   --> []
--- ```
---@param table? table
---@return table
function json.array(table) end

--- Marks a table (or a new one) as an object, also when it is empty. Returns it.
---
--- ```lua
--- json.encode(json.object {})   --> {}
--- ```
---@param table? table
---@return table
function json.object(table) end

return json
