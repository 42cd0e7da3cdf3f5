---@meta decimal

--- Exact decimal numbers, for money: no sum is ever off by a cent.
---
--- ```lua
--- local decimal = require "decimal"
--- decimal "0.10" + decimal "0.20"        --> 0.30
--- decimal "12.30" == decimal "12.3"      --> true
--- decimal "100":divide(3, 2)             --> 33.33
--- ```
---
--- Decimals compute with decimals and whole numbers. `+ - * ^` are exact. `//` and `%` are Lua's: the quotient goes
--- down, the rest has the sign of the divisor. `/` raises: a quotient may have no end, so `divide` is told its places.
--- `< <= > >=` know whole numbers too, but `==` between a decimal and a whole number is always false in Lua: write
--- `sum:equals(0)` or `sum:is_zero()`.
---
--- A binary fraction such as 0.1 is refused: it is 0.1000000000000000055 in truth. Write `decimal "0.1"`.
---
--- At most 2000 digits; what would have more raises. A zero has no sign.
---@class decimal
---@operator add(decimal|integer): decimal
---@operator sub(decimal|integer): decimal
---@operator mul(decimal|integer): decimal
---@operator idiv(decimal|integer): decimal
---@operator mod(decimal|integer): decimal
---@operator pow(integer): decimal
---@operator unm: decimal
---@operator concat(any): string
---@overload fun(value: string|integer|decimal): decimal
local decimal = {}

---@alias decimal.rounding
---| "half-up"   # half away from zero, as on invoices; the default
---| "half-even" # half to the even neighbour, as banks and statistics do
---| "half-down" # half towards zero
---| "up"        # away from zero
---| "down"      # towards zero: cuts
---| "floor"     # towards minus infinity
---| "ceiling"   # towards plus infinity
---| "05up"      # away from zero if the last digit kept is 0 or 5: for what is rounded once more

---@class decimal.parse_options
---@field point? "," | "." which sign parts the decimals; without it, it is found out

--- Reads an amount as people write it: `1 234,56 €`, `EUR 1,234.56`, `12,50-`, `(1.234,56)`.
---
--- Thousands may be parted by blanks (also hard ones), points, commas or apostrophes. What can mean two numbers, such
--- as `1.234`, raises, unless `point` says which one it is.
---
--- ```lua
--- decimal.parse("1 234,56 €")                  --> 1234.56
--- decimal.parse("1.234", { point = "," })      --> 1234
--- ```
---@param text string
---@param options? decimal.parse_options
---@return decimal
function decimal.parse(text, options) end

--- Whether something is a decimal.
---
--- ```lua
--- decimal.is(decimal "1")     --> true
--- decimal.is(1)               --> false
--- ```
---@param value any
---@return boolean
function decimal.is(value) end

--- Adds up a list of decimals and whole numbers, or one field of each item. An empty list sums to 0.
---
--- ```lua
--- decimal.sum { decimal "1.10", decimal "2.20" }            --> 3.30
--- decimal.sum({ { Sum = decimal "5.00" } }, "Sum")          --> 5.00
--- ```
---@param list (decimal|integer|table)[]
---@param field? string
---@return decimal
function decimal.sum(list, field) end

--- The least of its arguments.
---
--- ```lua
--- decimal.min(decimal "1.5", 2)   --> 1.5
--- ```
---@param ... decimal|integer
---@return decimal
function decimal.min(...) end

--- The greatest of its arguments.
---
--- ```lua
--- decimal.max(decimal "1.5", 2)   --> 2
--- ```
---@param ... decimal|integer
---@return decimal
function decimal.max(...) end

--- Rounds to so many places after the point; half away from zero unless told otherwise.
---
--- ```lua
--- decimal("2.345"):round(2)                --> 2.35
--- decimal("2.345"):round(2, "half-even")   --> 2.34
--- decimal("1250"):round(-2)                --> 1300
--- ```
---@param places? integer 0 by default; -2 rounds to hundreds
---@param rounding? decimal.rounding
---@return decimal
function decimal:round(places, rounding) end

--- Divides to so many places after the point.
---
--- ```lua
--- decimal("100"):divide(3, 2)           --> 33.33
--- decimal("1"):divide(8, 2, "down")     --> 0.12
--- ```
---@param by decimal|integer
---@param places integer 0 or more
---@param rounding? decimal.rounding
---@return decimal
function decimal:divide(by, places, rounding) end

--- Without its sign.
---
--- ```lua
--- decimal("-5.00"):abs()   --> 5.00
--- ```
---@return decimal
function decimal:abs() end

--- Without zeros at the end of its decimals.
---
--- ```lua
--- decimal("12.300"):reduce()   --> 12.3
--- ```
---@return decimal
function decimal:reduce() end

--- -1, 0 or 1.
---
--- ```lua
--- decimal("-5.00"):sign()   --> -1
--- ```
---@return integer
function decimal:sign() end

--- Whether it is zero, however many decimals it has.
---
--- ```lua
--- decimal("0.00"):is_zero()   --> true
--- ```
---@return boolean
function decimal:is_zero() end

--- Whether it is worth the same as a decimal or a whole number.
---
--- ```lua
--- decimal("12.00"):equals(12)   --> true
--- ```
---@param other decimal|integer
---@return boolean
function decimal:equals(other) end

--- How many digits it has after the point.
---
--- ```lua
--- decimal("12.30"):places()   --> 2
--- ```
---@return integer
function decimal:places() end

--- As a whole number of Lua; raises where it is none, or too large for 64 bits.
---
--- ```lua
--- decimal("12.00"):to_integer()   --> 12
--- ```
---@return integer
function decimal:to_integer() end

--- As the nearest binary number, for charts and statistics; never for money.
---
--- ```lua
--- decimal("12.30"):to_number()   --> 12.3
--- ```
---@return number
function decimal:to_number() end

--- With a power of ten where it is very large or small, all digits as they are.
---
--- ```lua
--- decimal("1.2E+9"):scientific()   --> 1.2E+9
--- ```
---@return string
function decimal:scientific() end

---@class decimal.format_options
---@field language? "fi" | "sv" | "en" whose habits: fi and sv `1 234,56 €`, en `€1,234.56`; fi by default
---@field places? integer rounds to so many places; as many as there are by default
---@field rounding? decimal.rounding
---@field currency? string after the number, or before it in English; none by default
---@field point? string between whole and decimals
---@field thousands? string between groups of three digits; "" for none
---@field minus? string before a negative amount

--- Writes it for people, with thousands in groups. The blanks are hard ones, so that no line breaks there.
---
--- ```lua
--- decimal("1234.5"):format { places = 2, currency = "€" }                    --> 1 234,50 €
--- decimal("-1234.5"):format { places = 2, currency = "€", language = "en" }  --> -€1,234.50
--- decimal("1234.5"):format { thousands = "", point = "." }                   --> 1234.5
--- ```
---@param options? decimal.format_options
---@return string
function decimal:format(options) end

return decimal
