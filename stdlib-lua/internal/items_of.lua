--- What run:each goes through: the items one by one, what names each and what it counts for.
local arguments = require "internal.arguments"
local core = require "core.run"

local items_of = {}

local fail = arguments.fail

--- A function that gives one item a call, and how many there are when that is known.
---@param items any
---@return fun(): any, integer|nil
function items_of.each(items)
  if type(items) == "table" and not (getmetatable(items) or {}).__call then
    local place = 0
    return function()
      place = place + 1
      return items[place]
    end, #items
  end
  -- The rows of a sheet say about how many they are.
  local counted, total = pcall(function() return items:count() end)
  return items, counted and total or nil
end

local function key_text(value)
  return (tostring(value):gsub("|", "\\|"))
end

--- What names an item: a column, several, a function, or else its place.
---@param key any
---@return fun(item: any, position: integer): string
function items_of.key(key)
  if key == nil then
    return function(_, position) return tostring(position) end
  elseif type(key) == "function" then
    return function(item, position)
      local value = key(item)
      if value == nil or value == "" then fail("ITEM_KEY_MISSING", "key", tostring(position)) end
      return tostring(value)
    end
  end
  local columns = type(key) == "table" and key or { key }
  return function(item, position)
    local parts = {}
    for i, column in ipairs(columns) do
      local value = item[column]
      if value == nil or value == "" then fail("ITEM_KEY_MISSING", tostring(column), tostring(position)) end
      parts[i] = #columns > 1 and key_text(value) or tostring(value)
    end
    return table.concat(parts, " | ")
  end
end

--- What an item counts for in the control totals: a column, a function, or nothing.
---@param sum any
---@return fun(item: any, result: any, position: integer): string
function items_of.sum(sum)
  if sum == nil then
    return function() return "" end
  elseif type(sum) == "function" then
    return function(item, result, position)
      return arguments.amount(sum(item, result), ("item %d, sum"):format(position))
    end
  end
  return function(item, _, position)
    return arguments.amount(item[sum], ("item %d, %s"):format(position, tostring(sum)))
  end
end

local EACH_OPTIONS = {
  key = true, sum = true, label = true, total = true, on_failure = true, idempotent = true, check = true,
}

--- Raises unless these are arguments of run:each.
---@param items any
---@param options any
---@param f any
function items_of.check(items, options, f)
  local walkable = type(items) == "table" or type(items) == "function" or type(items) == "userdata"
  arguments.expect("each", "items", 1, items, walkable, "EXPECTED_ITEMS")
  arguments.expect("each", "options", 2, options, type(options) == "table", "EXPECTED_TABLE")
  arguments.expect("each", "f", 3, f, type(f) == "function", "EXPECTED_FUNCTION")
  arguments.options("each", 2, options, EACH_OPTIONS)
  local on_failure = options.on_failure
  if on_failure ~= nil and on_failure ~= "stop" and on_failure ~= "continue" then
    fail("OPTION_WRONG", "each", "on_failure", "\"stop\" / \"continue\"", core.describe(on_failure))
  end
  arguments.option("each", "idempotent", options.idempotent, type(options.idempotent) == "boolean", "EXPECTED_BOOLEAN")
  arguments.option("each", "check", options.check, type(options.check) == "function", "EXPECTED_FUNCTION")
end

--- The same key again (a line that stands twice in a file) is another item: "4711", "4711 (2)".
---@param seen table<string, integer>
---@param key string
---@return string
function items_of.unique(seen, key)
  local count = (seen[key] or 0) + 1
  seen[key] = count
  if count == 1 then return key end
  return items_of.unique(seen, key .. " (" .. count .. ")")
end

return items_of
