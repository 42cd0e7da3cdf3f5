--- Reckoning with money that goes wrong: a division without places, binary fractions, comparisons that are never true.
local core = require "core.run"

local decimals = {}

local EQUALITY = { ["=="] = "false", ["~="] = "true" }
local ARITHMETIC = { ["+"] = true, ["-"] = true, ["*"] = true, ["//"] = true, ["%"] = true }
local WORDS = { number = "TYPE_NUMBER", text = "TYPE_TEXT", boolean = "TYPE_BOOLEAN" }

local function is_fraction(expression)
  if expression.kind == "unary" then return is_fraction(expression.operand) end
  return expression.kind == "number" and expression.value ~= nil and math.type(tonumber(expression.value)) == "float"
end

local function fraction(expression)
  return expression.kind == "unary" and fraction(expression.operand) or expression.value
end

local function operand(check, unit, binary, other)
  if is_fraction(other) then
    check:report("error", unit.file, binary.line, "DECIMAL_FLOAT", fraction(other))
  elseif other.kind == "text" then
    check:report("error", unit.file, binary.line, "DECIMAL_OPERAND", core.describe(other.value))
  end
end

local function binary(check, unit, found)
  local operator = found.operator
  if not EQUALITY[operator] and not ARITHMETIC[operator] and operator ~= "/" then return end
  local left, right = check.values:kind(found.left), check.values:kind(found.right)
  local is_left, is_right = left and left.name == "decimal", right and right.name == "decimal"
  if not is_left and not is_right then return end
  if operator == "/" then
    check:report("error", unit.file, found.line, "DECIMAL_SLASH")
  elseif is_left and is_right then
    return
  elseif ARITHMETIC[operator] then
    operand(check, unit, found, is_left and found.right or found.left)
  else
    local other = is_left and right or left
    if other and WORDS[other.name] then
      local kind = core.phrase(WORDS[other.name])
      check:report("warning", unit.file, found.line, "CHECK_NEVER_EQUAL", kind, EQUALITY[operator])
    end
  end
end

-- decimal(0.1): the fraction is not exact before decimal sees it.
local function made(check, unit, call)
  local kind, first = check.values:kind(call.called), call.arguments[1]
  if kind and kind.name == "module" and kind.title == "decimal" and first and is_fraction(first) then
    check:report("error", unit.file, call.line, "DECIMAL_FLOAT", fraction(first))
  end
end

--- Looks at one file.
---@param check table see internal/check.lua
---@param unit check.unit
function decimals.look(check, unit)
  for _, node in ipairs(unit.nodes) do
    if node.kind == "binary" then binary(check, unit, node) end
    if node.kind == "call" then made(check, unit, node) end
  end
end

return decimals
