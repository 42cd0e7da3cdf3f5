--- What functions of the library are given, checked: a wrong argument is told by name, with what was expected and came.
local core = require "core.run"

local arguments = {}

--- Raises a fault of errors.def.
---@param code string
---@param ... any
function arguments.fail(code, ...)
  error(core.fault(code, ...), 0)
end

--- Raises unless `good`. `expected` names a phrase.
---@param caller string
---@param name string
---@param position integer
---@param value any
---@param good boolean
---@param expected string
function arguments.expect(caller, name, position, value, good, expected)
  if good then return end
  arguments.fail("ARGUMENT_WRONG", caller, name, core.phrase(expected), core.describe(value), tostring(position))
end

--- The options, or an empty table; raises for names that are not in `known` (name → true).
---@param caller string
---@param position integer
---@param options any
---@param known table<string, any>
---@return table
function arguments.options(caller, position, options, known)
  if options == nil then return {} end
  arguments.expect(caller, "options", position, options, type(options) == "table", "EXPECTED_TABLE")
  for name in pairs(options) do
    if not known[name] then
      local names = {}
      for one in pairs(known) do table.insert(names, one) end
      table.sort(names)
      arguments.fail("OPTION_UNKNOWN_OF", caller, tostring(name), table.concat(names, ", "))
    end
  end
  return options
end

--- Raises unless the option is absent or good. `expected` names a phrase; more arguments are the phrase's.
---@param caller string
---@param name string
---@param value any
---@param good boolean
---@param expected string
---@param ... string
function arguments.option(caller, name, value, good, expected, ...)
  if value == nil or good then return end
  arguments.fail("OPTION_WRONG", caller, name, core.phrase(expected, ...), core.describe(value))
end

local WRITTEN = { decimal = true, date = true, month = true, moment = true, instant = true }

--- A value as it is written in addresses, forms and headers: texts, numbers, true and false, decimals, dates (ISO
--- 8601). Nothing for what has no written form.
---@param value any
---@return string|nil
function arguments.written(value)
  local kind = type(value)
  if kind == "string" then return value end
  if math.type(value) == "float" and value == math.floor(value) and math.abs(value) < 2 ^ 53 then
    return ("%d"):format(value)
  end
  if kind == "number" or kind == "boolean" then return tostring(value) end
  if kind == "userdata" and WRITTEN[core.class_of(value)] then return tostring(value) end
end

--- An amount as it is written, exactly: never through a binary fraction. "" for nothing.
---@param value any
---@param where string
---@return string
function arguments.amount(value, where)
  if value == nil then return "" end
  if type(value) == "number" and math.type(value) == "float" then
    arguments.fail("AMOUNT_FLOAT", where, tostring(value))
  end
  local text = tostring(value)
  if not text:find "^[+-]?%d*%.?%d*$" or not text:find "%d" then arguments.fail("AMOUNT_WRONG", where, text) end
  return text
end

--- The names of a table in order, so that equal tables give equal requests.
---@param table_value table
---@return string[]
function arguments.sorted_names(table_value)
  local names = {}
  for name in pairs(table_value) do table.insert(names, name) end
  table.sort(names, function(a, b) return tostring(a) < tostring(b) end)
  return names
end

--- The path of a file: a text, or a report that is closed if it is still open. Nothing for anything else.
---@param file any
---@return string|nil
function arguments.path_of(file)
  if type(file) == "string" then return file end
  local done, close, path = pcall(function() return file.close, file.path end)
  if done and type(close) == "function" then close(file) end -- what is wrong with writing it is told as it is
  if done and type(path) == "function" then path = path(file) end
  if done and type(path) == "string" then return path end
end

return arguments
