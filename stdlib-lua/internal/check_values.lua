--- What an expression holds, as far as it can be seen without running the robot: the kind of a value, and the text of a
--- name or an address. What can't be seen is nil, and nothing is said about it.
---
--- A kind is a table { name = …, … }: module (title, fields), run, inputs, client (base, login), table (fields) or only
--- a name: decimal, date, month, number, text, boolean, function, nothing.
---
--- 1. A variable has a kind only when everything that it is ever given has that kind.
--- 2. Each expression and each variable is looked at once; chains deeper than DEPTH_MAX hold nothing.
--- 3. Texts are cut at TEXT_MAX.
local values = {}

local DEPTH_MAX, TEXT_MAX = 100, 4096

local kinds = {}
for _, name in ipairs {
  "decimal", "date", "month", "moment", "instant", "number", "text", "boolean", "function", "nothing", "run", "inputs",
} do
  kinds[name] = { name = name }
end

-- A variable's own kind while it is being looked for (sum = sum + x), and what it makes of a sum with the unknown:
-- a decimal when it is one itself.
local ITSELF, PERHAPS_DECIMAL = { name = "itself" }, { name = "perhaps decimal" }

-- What functions of the library give.
local RESULTS = {
  ["decimal"] = "decimal", ["decimal.parse"] = "decimal", ["decimal.sum"] = "decimal", ["decimal.min"] = "decimal",
  ["decimal.max"] = "decimal", ["date"] = "date", ["date.parse"] = "date", ["date.today"] = "date",
  ["date.month"] = "month", ["text.trim"] = "text", ["text.upper"] = "text", ["text.lower"] = "text",
  ["text.read"] = "text", ["text.digest"] = "text", ["text.template"] = "text", ["string.format"] = "text",
  ["string.rep"] = "text", ["table.concat"] = "text", ["json.encode"] = "text",
}
local RESULTS_OF_GLOBALS = { tostring = "text", type = "text" }
local RESULTS_OF_METHODS = {
  decimal = {
    round = "decimal", divide = "decimal", abs = "decimal", reduce = "decimal", format = "text", scientific = "text",
    is_zero = "boolean", equals = "boolean", sign = "number", places = "number", to_integer = "number",
    to_number = "number",
  },
  date = { format = "text", add = "date", year = "number", day = "number", month = "month" },
  month = { format = "text", first = "date", last = "date", next = "month", previous = "month" },
  text = { format = "text", upper = "text", lower = "text", rep = "text", sub = "text" },
}
-- Kinds of inputs as the manifest names them.
local INPUTS = {
  text = "text", choice = "text", file = "text", number = "number", decimal = "decimal", boolean = "boolean",
  date = "date", month = "month",
}
local LITERALS = {
  number = "number", text = "text", ["true"] = "boolean", ["false"] = "boolean", ["function"] = "function",
  ["nil"] = "nothing",
}
local COMPARISONS = { ["=="] = true, ["~="] = true, ["<"] = true, [">"] = true, ["<="] = true, [">="] = true }
local ARITHMETIC = { ["+"] = true, ["-"] = true, ["*"] = true, ["//"] = true, ["%"] = true }

---@class check.values
---@field modules table<string, table> what robots may require: name → { name = true }
---@field libraries table<string, table> the globals that are tables: likewise
---@field files table<string, check.unit> the workplace's modules by name
---@field inputs table<string, table>|nil the manifest's inputs
local methods = {}
methods.__index = methods

-- ---- Kinds

local function module_kind(self, name)
  if self.modules[name] then return { name = "module", title = name, fields = self.modules[name] } end
  local unit = self.files[name]
  if not unit then return nil end
  if unit.exported == nil then unit.exported = values.exported(unit) or false end
  return { name = "table", title = name, fields = unit.exported or nil }
end

-- The literal text of a call's n-th argument.
local function literal(call, n)
  local argument = call.arguments[n]
  return argument and argument.kind == "text" and argument.value or nil
end
values.literal = literal

-- A global function by its name, where the robot has not made one of its own.
local function is_global(expression, name)
  return expression.kind == "global" and expression.name == name and not expression.hidden
end
values.is_global = is_global

local function client_kind(self, options)
  local kind = { name = "client", base = "", base_whole = true, login = "", login_whole = true }
  if not options or options.kind ~= "table" or options.open then
    kind.base_whole, kind.login_whole = options == nil, options == nil
    return kind
  end
  local base, login = options.fields.base, options.fields.login
  if base then kind.base, kind.base_whole = self:text(base) end
  if login then kind.login, kind.login_whole = self:text(login) end
  return kind
end

local function call_kind(self, call)
  local called = call.called
  if is_global(called, "require") and literal(call, 1) then return module_kind(self, literal(call, 1)) end
  if called.kind == "global" and not called.hidden then return kinds[RESULTS_OF_GLOBALS[called.name]] end
  local name
  local kind = self:kind(called)
  if kind and kind.name == "module" then
    name = kind.title
  elseif called.kind == "index" and called.key.kind == "text" then
    kind = self:kind(called.object)
    if kind and kind.name == "module" then name = kind.title .. "." .. called.key.value end
  end
  if name == "http.client" then return client_kind(self, call.arguments[1]) end
  return kinds[RESULTS[name]]
end

local function method_kind(self, call)
  local object = self:kind(call.object)
  local results = object and RESULTS_OF_METHODS[object.name]
  return results and kinds[results[call.name]]
end

local function index_kind(self, index)
  if index.key.kind ~= "text" then return nil end
  local object, key = self:kind(index.object), index.key.value
  if not object then return nil end
  if object.name == "run" and key == "inputs" then return kinds.inputs end
  if object.name == "inputs" and self.inputs and self.inputs[key] then return kinds[INPUTS[self.inputs[key].type]] end
end

local function global_kind(self, global)
  if global.hidden then return nil end
  if global.name == "run" then return kinds.run end
  local fields = self.libraries[global.name]
  return fields and { name = "module", title = global.name, fields = fields }
end

local function binary_kind(self, binary)
  local operator = binary.operator
  if operator == ".." then return kinds.text end
  if COMPARISONS[operator] then return kinds.boolean end
  if not ARITHMETIC[operator] then return nil end
  local left, right = self:kind(binary.left), self:kind(binary.right)
  if left == kinds.decimal or right == kinds.decimal then return kinds.decimal end
  if left == kinds.number and right == kinds.number then return kinds.number end
  local itself = left == ITSELF or right == ITSELF or left == PERHAPS_DECIMAL or right == PERHAPS_DECIMAL
  local other = (left == ITSELF or left == PERHAPS_DECIMAL) and right or left
  if itself and (other == kinds.number or other == ITSELF) then return ITSELF end
  return itself and PERHAPS_DECIMAL or nil
end

local function unary_kind(self, unary)
  if unary.operator == "not" then return kinds.boolean end
  if unary.operator == "#" then return kinds.number end
  local kind = self:kind(unary.operand)
  return unary.operator == "-" and (kind == kinds.decimal or kind == kinds.number) and kind or nil
end

local function same(a, b)
  return a == b or (a.name == "module" and b.name == "module" and a.title == b.title)
end

local function joined(self, variable)
  local found, perhaps
  for _, value in ipairs(variable.values) do
    local kind = self:kind(value)
    if not kind then return nil end
    if kind == PERHAPS_DECIMAL then
      perhaps = true
    elseif kind ~= ITSELF then
      if found and not same(found, kind) then return nil end
      found = kind
    end
  end
  if perhaps and found ~= kinds.decimal then return nil end
  return found
end

local function local_kind(self, expression)
  local variable = expression.variable
  if variable.kind_found ~= nil then return variable.kind_found or nil end
  if self.looking == variable then return ITSELF end
  if variable.busy then return nil end
  local outer = self.looking
  variable.busy, self.looking = true, variable
  local kind = joined(self, variable)
  variable.busy, self.looking = nil, outer
  variable.kind_found = kind or false
  return kind
end

local KIND_OF = {
  ["local"] = local_kind, global = global_kind, call = call_kind, method = method_kind, index = index_kind,
  binary = binary_kind, unary = unary_kind,
}

--- The kind of what an expression holds, or nil.
---@param expression table
---@return table|nil
function methods:kind(expression)
  if expression.kind_found ~= nil then return expression.kind_found or nil end
  if LITERALS[expression.kind] then return kinds[LITERALS[expression.kind]] end
  if expression.depth > DEPTH_MAX or self.level > DEPTH_MAX then return nil end
  local find = KIND_OF[expression.kind]
  if not find then return nil end
  self.level = self.level + 1
  local kind = find(self, expression)
  self.level = self.level - 1
  if kind ~= ITSELF and kind ~= PERHAPS_DECIMAL then expression.kind_found = kind or false end
  return kind
end

-- ---- Texts

local function cut(text, whole)
  if #text <= TEXT_MAX then return text, whole end
  return text:sub(1, TEXT_MAX), false
end

local function text_of(self, expression)
  if expression.kind == "text" then
    return cut(expression.value, true)
  elseif expression.kind == "local" then
    local variable = expression.variable
    if #variable.values == 1 then return self:text(variable.values[1]) end
  elseif expression.kind == "binary" and expression.operator == ".." then
    local left, whole = self:text(expression.left)
    if not whole then return left, false end
    local right, right_whole = self:text(expression.right)
    return cut(left .. right, right_whole)
  elseif expression.kind == "method" and expression.name == "format" then
    local pattern = self:text(expression.object)
    return pattern:match "^[^%%]*", false
  end
  return "", false
end

--- The text that an expression begins with, and whether that is all of it. "" and false when nothing is known.
---@param expression table
---@return string
---@return boolean whole
function methods:text(expression)
  if expression.text_found then return expression.text_found, expression.text_whole end
  if expression.depth > DEPTH_MAX or self.level > DEPTH_MAX then return "", false end
  self.level = self.level + 1
  expression.text_found, expression.text_whole = text_of(self, expression)
  self.level = self.level - 1
  return expression.text_found, expression.text_whole
end

-- ---- Modules of the workplace

--- What a module's file gives to those who require it: { name = true }, or nil when that can't be seen.
---@param unit check.unit
---@return table<string, boolean>|nil
function values.exported(unit)
  local result = unit.result
  if not result or result.kind ~= "local" then return nil end
  local variable = result.variable
  local made = variable.values[1]
  if #variable.values ~= 1 or made.kind ~= "table" or made.open or #made.items > 0 then return nil end
  local names = {}
  for name in pairs(made.fields) do names[name] = true end
  for _, node in ipairs(unit.nodes) do
    if node.kind == "local" and node.variable == variable and node ~= result and node.use ~= "index" then return nil end
  end
  for _, store in ipairs(unit.stores) do
    local target = store.target
    if target.kind == "index" and target.object.kind == "local" and target.object.variable == variable then
      if target.key.kind ~= "text" then return nil end
      names[target.key.value] = true
    end
  end
  return names
end

--- Makes the looker for one robot.
---@param known table { modules, libraries, files, inputs }
---@return check.values
function values.new(known)
  return setmetatable({
    modules = known.modules, libraries = known.libraries, files = known.files, inputs = known.inputs, level = 0,
  }, methods)
end

return values
