--- What a robot calls by a name that does not exist, and names that are never used: globals, modules, fields, methods,
--- inputs, variables; lines that are never reached.
local core = require "core.check"
local values = require "internal.check_values"
local worker = require "core.run"

local names = {}

local literal, is_global = values.literal, values.is_global

local function sorted(set)
  local list = {}
  for name in pairs(set) do
    if type(name) == "string" and not name:find "^_" then table.insert(list, name) end
  end
  table.sort(list)
  return list
end

-- ---- Globals

-- Names of the variables that can be seen from an expression.
local function visible(expression)
  local list, scope = {}, expression.scope
  while scope do
    for name, variable in pairs(scope.names) do
      if variable.line <= expression.line then table.insert(list, name) end
    end
    scope = scope.outer
  end
  table.sort(list)
  return list
end

local function nearest_of(name, ...)
  for _, list in ipairs { ... } do
    local nearest = worker.nearest(name, list)
    if nearest and nearest ~= name then return nearest end
  end
end

local function unknown_global(check, unit, expression)
  local name = expression.name
  if check.modules[name] and check:may_require(unit, name) then
    return check:report("error", unit.file, expression.line, "NAME_IS_MODULE", name)
  elseif worker.is_removed(name) then
    return check:report("error", unit.file, expression.line, "NAME_REMOVED", name)
  end
  local nearest = nearest_of(name, visible(expression), sorted(check.globals), sorted(check.modules))
  if nearest then
    check:report("error", unit.file, expression.line, "NAME_UNKNOWN", name, nearest)
  else
    check:report("error", unit.file, expression.line, "NAME_UNKNOWN_AT_ALL", name)
  end
end

local function global(check, unit, expression)
  local name = expression.name
  if expression.hidden or expression.use == "store" then return end
  if not check.globals[name] and not check.stored[name] and not check:is_full() then
    unknown_global(check, unit, expression)
  end
end

local function stored_global(check, unit, store)
  local target = store.target
  if target.name == "run" then
    return check:report("warning", unit.file, target.line, "CHECK_RUN_HIDDEN")
  end
  local nearest = not store.value.declared and worker.nearest(target.name, visible(target))
  if nearest and nearest ~= target.name then
    check:report("warning", unit.file, target.line, "CHECK_GLOBAL_NEAR", target.name, nearest)
  elseif store.value.declared then
    check:report("warning", unit.file, target.line, "CHECK_GLOBAL_FUNCTION", target.name)
  else
    check:report("warning", unit.file, target.line, "CHECK_GLOBAL_NEW", target.name)
  end
end

-- ---- Modules

local function required(check, unit, call)
  if not is_global(call.called, "require") then return end
  local name = literal(call, 1)
  if not name then
    return check:report("warning", unit.file, call.line, "CHECK_REQUIRE_COMPUTED")
  elseif check:may_require(unit, name) then
    return
  elseif not name:find "^[a-z0-9_][a-z0-9_.]*$" then
    return check:report("error", unit.file, call.line, "MODULE_NAME", name)
  end
  local known = {}
  for _, each in ipairs { check.modules, check.available } do
    for module in pairs(each) do
      if check:may_require(unit, module) then known[module] = true end
    end
  end
  local list = sorted(known)
  local nearest = worker.nearest(name, list)
  if nearest then
    check:report("error", unit.file, call.line, "MODULE_UNKNOWN", name, nearest)
  else
    check:report("error", unit.file, call.line, "MODULE_UNKNOWN_OF", name, table.concat(list, ", "))
  end
end

-- ---- Fields and methods

local function unknown_field(check, unit, line, thing, name, fields)
  if check:is_full() then return end
  local list = sorted(fields)
  local nearest = worker.nearest(name, list)
  if nearest then
    check:report("error", unit.file, line, "FIELD_UNKNOWN", thing, name, nearest)
  else
    check:report("error", unit.file, line, "FIELD_UNKNOWN_OF", thing, name, table.concat(list, ", "))
  end
end

-- What a thing is called in messages, and what it has: nothing when its fields can't be known.
local function known_fields(check, kind)
  if not kind then
    return nil
  elseif kind.name == "module" or kind.name == "table" then
    return kind.title, kind.fields
  elseif kind.name == "run" then
    return "run", check.run_fields
  elseif kind.name == "inputs" then
    return "run.inputs", check.inputs
  elseif kind.name == "client" then
    return "client", check.client_fields
  end
end

local function field(check, unit, index)
  local kind = check.values:kind(index.object)
  local title, fields = known_fields(check, kind)
  if not fields then return end
  local name = index.key.kind == "text" and index.key.value or nil
  if kind.name == "table" or kind.name == "client" then
    -- Plain tables, such as the workplace's own modules: what is not there is nothing, and can't be called.
    local called = name and not fields[name] and index.use == "call"
    if called then unknown_field(check, unit, index.line, title, name, fields) end
  elseif index.stored then
    check:report("error", unit.file, index.line, "FIELD_FIXED", title, name or "…")
  elseif name and not fields[name] and not check:is_found(kind, name) then
    unknown_field(check, unit, index.line, title, name, fields)
  end
end

local CLASSES = { decimal = "decimal", date = "date", month = "month", moment = "moment", instant = "instant" }

local function method(check, unit, call)
  local kind = check.values:kind(call.object)
  if not kind then return end
  local title, fields = known_fields(check, kind)
  if kind.name == "text" then
    title, fields = "text", check.libraries.string
  elseif CLASSES[kind.name] then
    title, fields = kind.name, core.methods(CLASSES[kind.name])
  end
  if fields and not fields[call.name] then unknown_field(check, unit, call.line, title, call.name, fields) end
end

-- run.step("…") where run:step("…") is meant.
local function dotted(check, unit, call)
  local called = call.called
  if called.kind ~= "index" or called.key.kind ~= "text" then return end
  local kind = check.values:kind(called.object)
  if not kind or (kind.name ~= "run" and kind.name ~= "client") then return end
  local title, fields = known_fields(check, kind)
  local first = call.arguments[1]
  local itself = first and check.values:kind(first)
  if fields[called.key.value] == "function" and not (itself and itself.name == kind.name) then
    check:report("error", unit.file, call.line, "METHOD_DOT", title, called.key.value)
  end
end

-- ---- Variables

local function variable(check, unit, one)
  if one.name == "run" and not unit.is_test then
    check:report("warning", unit.file, one.line, "CHECK_RUN_HIDDEN")
  end
  if one.reads > 0 or one.attribute == "close" or one.name:find "^_" then return end
  if one.kind ~= "local" and one.kind ~= "function" then return end
  local first = one.values[1]
  if first.kind == "call" and is_global(first.called, "require") then
    check:report("warning", unit.file, one.line, "CHECK_MODULE_UNUSED", one.name)
  elseif one.kind == "function" then
    check:report("warning", unit.file, one.line, "CHECK_FUNCTION_UNUSED", one.name)
  else
    check:report("warning", unit.file, one.line, "CHECK_VARIABLE_UNUSED", one.name)
  end
end

-- ---- All of a file

local LOOK = {
  global = global,
  index = field,
  method = method,
  call = function(check, unit, call)
    required(check, unit, call)
    dotted(check, unit, call)
  end,
}

--- Looks at one file.
---@param check table see internal/check.lua
---@param unit check.unit
function names.look(check, unit)
  for _, node in ipairs(unit.nodes) do
    local look = LOOK[node.kind]
    if look then look(check, unit, node) end
  end
  for _, store in ipairs(unit.stores) do
    if store.target.kind == "global" and not store.target.hidden then stored_global(check, unit, store) end
  end
  for _, one in ipairs(unit.variables) do variable(check, unit, one) end
  for _, place in ipairs(unit.unreachable) do
    check:report("warning", unit.file, place.line, "CHECK_UNREACHABLE", place.by, tostring(place.by_line))
  end
end

return names
