--- Kind "check": reads a robot's files without running them and tells what is wrong, file by line.
local checks = require "core.test"
local core = require "core.run"
local parse = require "internal.parse"
local run = require "run"

local check = {}

-- ---- Telling

local function tell(found, file, line, severity, fault)
  table.insert(found, {
    kind = "check", file = file, line = line or 0, severity = severity,
    code = fault.code, text = fault.message, hint = fault.hint,
  })
end

-- ---- Scopes: which variable a name means

---@class check.walker
local walker = {}
walker.__index = walker

function walker:error(line, code, ...)
  tell(self.found, self.file, line, "error", core.fault(code, ...))
end

function walker:warn(line, code, ...)
  tell(self.found, self.file, line, "warning", core.fault(code, ...))
end

function walker:open()
  self.scope = { above = self.scope, variables = {}, order = {} }
end

function walker:close()
  for _, variable in ipairs(self.scope.order) do
    if not variable.used and variable.warn and variable.name:sub(1, 1) ~= "_" then
      self:warn(variable.line, "CHECK_UNUSED", variable.name)
    end
  end
  self.scope = self.scope.above
end

function walker:declare(name, line, facts)
  local variable = facts or {}
  variable.name, variable.line = name, line
  self.scope.variables[name] = variable
  table.insert(self.scope.order, variable)
  return variable
end

function walker:find(name)
  local scope = self.scope
  while scope do
    if scope.variables[name] then return scope.variables[name] end
    scope = scope.above
  end
end

function walker:names_in_scope()
  local names, scope = {}, self.scope
  while scope do
    for name in pairs(scope.variables) do table.insert(names, name) end
    scope = scope.above
  end
  for name in pairs(self.globals) do table.insert(names, name) end
  table.sort(names)
  return names
end

-- ---- What a value is, as far as the text tells

function walker:is_require(called)
  return called.kind == "name" and called.name == "require" and not self:find "require"
end

-- { module = "http" } for a variable of require "http"; { run = true } for run, { inputs = true } for run.inputs.
function walker:facts_of(node)
  if not node then return {} end
  if node.kind == "name" then
    local variable = self:find(node.name)
    if variable then return variable end
    return node.name == "run" and { run = true } or {}
  elseif node.kind == "index" and node.key.kind == "string" then
    local facts = self:facts_of(node.object)
    if facts.run and node.key.value == "inputs" then return { inputs = true } end
  elseif node.kind == "call" then
    local first = node.arguments[1]
    if self:is_require(node.called) and first and first.kind == "string" then return { module = first.value } end
  end
  return {}
end

local function literal_field(node, name)
  for _, item in ipairs(node and node.kind == "table" and node.items or {}) do
    if item.name == name then return item.value end
  end
end

local function literal_texts(node)
  if not node then return {} end
  if node.kind == "string" then return { node } end
  local list = {}
  for _, item in ipairs(node.kind == "table" and node.items or {}) do
    if not item.name and not item.key and item.value.kind == "string" then table.insert(list, item.value) end
  end
  return list
end

-- ---- Permits: only what stands there in so many words

local function host_of(url)
  return url:lower():match "^https?://([^/:?#]+)"
end

local function host_covered(permits, host)
  for _, permit in ipairs(permits.http or {}) do
    local pattern = host_of(tostring(permit[2]))
    if pattern == host then return true end
    if pattern and pattern:sub(1, 2) == "*." and host:match "^[^.]+(%..+)$" == pattern:sub(2) then return true end
  end
  return false
end

local function recipient_covered(permits, address)
  for _, pattern in ipairs(permits.mail and permits.mail.to or {}) do
    pattern = tostring(pattern):lower()
    local domain = pattern:match "^%*(@.+)$"
    if pattern == address:lower() or (domain and address:lower():sub(-#domain) == domain) then return true end
  end
  return false
end

function walker:check_url(node)
  if not self.permits or not node or node.kind ~= "string" then return end
  local host = host_of(node.value)
  if host and not host_covered(self.permits, host) then self:error(node.line, "CHECK_HOST", host) end
end

function walker:check_recipients(node)
  if not self.permits then return end
  for _, text in ipairs(literal_texts(node)) do
    local address = text.value:match "<([^<>]+)>" or text.value
    if not recipient_covered(self.permits, address) then self:error(text.line, "CHECK_RECIPIENT", address) end
  end
end

local HTTP_METHODS = { get = true, head = true, post = true, put = true, patch = true, delete = true, request = true }

function walker:check_call(module, name, node)
  local first = node.arguments[1]
  if module == "http" and name == "client" then
    self:check_url(literal_field(first, "base"))
  elseif module == "http" and name == "request" and node.arguments[2] then
    self:check_url(node.arguments[2])
  elseif module == "http" and HTTP_METHODS[name] then
    self:check_url(first)
  elseif module == "mail" and name == "send" then
    for _, field in ipairs { "to", "cc", "bcc" } do self:check_recipients(literal_field(first, field)) end
  end
end

-- ---- Names and fields

function walker:check_global(node)
  local name = node.name
  if rawget(self.globals, name) ~= nil or self.assigned[name] then return end
  if core.modules()[name] ~= nil then
    self:error(node.line, "NAME_IS_MODULE", name)
  elseif core.is_removed(name) then
    self:error(node.line, "NAME_REMOVED", name)
  else
    local nearest = core.nearest(name, self:names_in_scope())
    if nearest then
      self:error(node.line, "NAME_UNKNOWN", name, nearest)
    else
      self:error(node.line, "NAME_UNKNOWN_AT_ALL", name)
    end
  end
end

function walker:check_field(line, thing, name, known)
  for _, one in ipairs(known) do
    if one == name then return end
  end
  local nearest = core.nearest(name, known)
  if nearest then
    self:error(line, "FIELD_UNKNOWN", thing, name, nearest)
  else
    self:error(line, "FIELD_UNKNOWN_OF", thing, name, table.concat(known, ", "))
  end
end

local function sorted_names(values)
  local names = {}
  for name in pairs(values) do
    if type(name) == "string" then table.insert(names, name) end
  end
  table.sort(names)
  return names
end

function walker:check_index(node, name)
  local facts = self:facts_of(node.object)
  if facts.module and core.modules()[facts.module] then
    local module = core.modules()[facts.module]
    if type(module) == "table" and not core.has_field(module, name) then
      self:check_field(node.line, facts.module, name, sorted_names(module))
    end
  elseif facts.run then
    self:check_field(node.line, "run", name, self.run_names)
  elseif facts.inputs and self.inputs then
    self.inputs_used[name] = true
    self:check_field(node.line, "run.inputs", name, sorted_names(self.inputs))
  end
end

function walker:check_require(node)
  local name = node.arguments[1]
  if not name or name.kind ~= "string" then return end
  if core.modules()[name.value] ~= nil or self.test_modules[name.value] then return end
  local path = name.value:gsub("%.", "/") .. ".lua"
  if self.sources[path] and path:find "^lib/" then return end
  local known = sorted_names(core.modules())
  for source in pairs(self.sources) do
    local module = source:match "^(lib/.*)%.lua$"
    if module then table.insert(known, (module:gsub("/", "."))) end
  end
  local nearest = core.nearest(name.value, known)
  if nearest then
    self:error(node.line, "MODULE_UNKNOWN", name.value, nearest)
  else
    self:error(node.line, "MODULE_UNKNOWN_OF", name.value, table.concat(known, ", "))
  end
end

-- ---- Walking

local expressions, statements = {}, {}

function walker:expression(node)
  if not node then return end
  local visit = expressions[node.kind]
  if visit then visit(self, node) end
end

function walker:list(nodes)
  for _, node in ipairs(nodes) do self:expression(node) end
end

function walker:body(list)
  self:open()
  for _, node in ipairs(list) do statements[node.kind](self, node) end
  self:close()
end

function expressions.name(self, node)
  local variable = self:find(node.name)
  if variable then
    variable.used = true
  else
    self:check_global(node)
  end
end

function expressions.index(self, node)
  self:expression(node.object)
  self:expression(node.key)
  if node.key.kind == "string" then self:check_index(node, node.key.value) end
end

function expressions.call(self, node)
  self:expression(node.called)
  self:list(node.arguments)
  local called = node.called
  if self:is_require(called) then
    self:check_require(node)
  elseif called.kind == "index" and called.key.kind == "string" then
    local facts = self:facts_of(called.object)
    if facts.module then self:check_call(facts.module, called.key.value, node) end
    if facts.run and called.key.value ~= "inputs" then self:error(node.line, "METHOD_DOT", "run", called.key.value) end
  end
end

function expressions.method(self, node)
  self:expression(node.object)
  self:list(node.arguments)
  if self:facts_of(node.object).run then self:check_field(node.line, "run", node.name, self.run_names) end
end

expressions["function"] = function(self, node)
  self:open()
  if node.method then self:declare("self", node.line) end
  for _, parameter in ipairs(node.parameters) do self:declare(parameter.name, parameter.line) end
  self:body(node.body)
  self:close()
end

function expressions.table(self, node)
  for _, item in ipairs(node.items) do
    self:expression(item.key)
    self:expression(item.value)
  end
end

function expressions.binary(self, node)
  self:expression(node.left)
  self:expression(node.right)
end

function expressions.unary(self, node)
  self:expression(node.operand)
end

statements["local"] = function(self, node)
  local function declare()
    for i, variable in ipairs(node.names) do
      local facts = self:facts_of(node.values[i])
      self:declare(variable.name, variable.line, {
        module = facts.module, run = facts.run, inputs = facts.inputs, warn = not variable.attribute,
      })
    end
  end
  if node.recursive then declare() end
  self:list(node.values)
  if not node.recursive then declare() end
end

function statements.assign(self, node)
  self:list(node.values)
  for _, target in ipairs(node.targets) do
    local name = target.name
    if target.kind ~= "name" then
      self:expression(target)
    elseif not self:find(name) and rawget(self.globals, name) == nil and not self.told_global[name] then
      self.told_global[name] = true
      self:warn(target.line, "CHECK_GLOBAL", name)
    end
  end
end

statements["function"] = function(self, node)
  if node.target.kind ~= "name" then
    self:expression(node.target.object)
  elseif not self:find(node.target.name) then
    self:warn(node.line, "CHECK_GLOBAL", node.target.name)
  end
  self:expression(node.value)
end

function statements.expression(self, node)
  self:expression(node.value)
end

function statements.block(self, node)
  self:body(node.body)
end

statements["while"] = function(self, node)
  self:expression(node.condition)
  self:body(node.body)
end

-- The condition sees what the body declares.
statements["repeat"] = function(self, node)
  self:open()
  for _, inner in ipairs(node.body) do statements[inner.kind](self, inner) end
  self:expression(node.condition)
  self:close()
end

statements["if"] = function(self, node)
  for _, clause in ipairs(node.clauses) do
    self:expression(clause.condition)
    self:body(clause.body)
  end
  if node.otherwise then self:body(node.otherwise) end
end

statements["for"] = function(self, node)
  self:list(node.values)
  self:open()
  for _, variable in ipairs(node.names) do self:declare(variable.name, variable.line) end
  self:body(node.body)
  self:close()
end

statements["return"] = function(self, node)
  self:list(node.values)
end

statements["break"] = function() end
statements["goto"] = statements["break"]
statements.label = statements["break"]

-- ---- Files

-- Globals that a file gives a value to, anywhere: reading them is no mistake.
local function assigned_globals(node, out)
  if type(node) ~= "table" then return out end
  if node.kind == "assign" then
    for _, target in ipairs(node.targets) do
      if target.kind == "name" then out[target.name] = true end
    end
  elseif node.kind == "function" and node.target and node.target.kind == "name" then
    out[node.target.name] = true
  end
  for _, inner in pairs(node) do assigned_globals(inner, out) end
  return out
end

local function check_file(facts, file)
  local loaded, fault = core.try(core.load, file)
  if not loaded then
    tell(facts.found, file, fault.line, "error", fault)
    return
  end
  local tree = parse.file(facts.sources[file])
  local is_test = file:find "^tests/" ~= nil
  local walk = setmetatable({
    found = facts.found, file = file, globals = facts.globals, sources = facts.sources,
    permits = not is_test and facts.permits or nil, inputs = facts.inputs, inputs_used = facts.inputs_used,
    run_names = facts.run_names, assigned = assigned_globals(tree, {}), told_global = {},
    test_modules = is_test and { test = true, fake = true } or {},
  }, walker)
  walk:body(tree)
end

-- The line at which "limits.memory" stands in the manifest; the nearest one above where it is not written so.
local function manifest_line(source, where)
  local tree = parse.file(source)
  local last = tree[#tree]
  local node, line = last and last.kind == "return" and last.values[1], 1
  for part in where:gmatch "[^.]+" do
    local inner = node and node.kind == "table" and (function()
      for place, item in ipairs(node.items) do
        local key = item.name or (item.key and tostring(item.key.value)) or tostring(place)
        if key == part then return item end
      end
    end)()
    if not inner then return line end
    node, line = inner.value, inner.line
  end
  return line
end

-- Reads the manifest; tells what is wrong with it. Nil when it can't be read.
local function check_manifest(facts)
  local file = "manifest.lua"
  if not facts.sources[file] then return nil end
  local done, manifest = core.try(function() return core.load(file)() end)
  if not done then
    tell(facts.found, file, manifest.line, "error", manifest)
    return nil
  end
  if type(manifest) ~= "table" then
    tell(facts.found, file, 1, "error", core.fault("READ_NOT_TABLE", core.describe(manifest)))
    return nil
  end
  for _, problem in ipairs(checks.manifest_problems(manifest)) do
    tell(facts.found, file, manifest_line(facts.sources[file], problem.where), "error", problem)
  end
  return manifest
end

local function table_or_empty(value)
  return type(value) == "table" and value or {}
end

local function check_inputs_used(facts, manifest)
  for _, name in ipairs(sorted_names(table_or_empty(manifest.inputs))) do
    if not facts.inputs_used[name] then
      local line = manifest_line(facts.sources["manifest.lua"], "inputs." .. name)
      tell(facts.found, "manifest.lua", line, "warning", core.fault("CHECK_INPUT_UNUSED", name))
    end
  end
end

local function check_reach(facts)
  for _, file in ipairs(sorted_names(facts.sources)) do
    local known = file == "robot.lua" or file == "manifest.lua" or file:find "^lib/" or file:find "^tests/"
    if not known then tell(facts.found, file, 1, "warning", core.fault("CHECK_FILE", file)) end
  end
end

local function new_facts()
  local globals, run_names = {}, {}
  for name, value in pairs(core.environment()) do globals[name] = value end
  for name in pairs((run.new { inputs = {}, number = 0, robot = "", attempt = 1, language = "en" })) do
    table.insert(run_names, name)
  end
  table.sort(run_names)
  globals.run, globals.print = true, true
  return { found = {}, sources = core.sources(), inputs_used = {}, globals = globals, run_names = run_names }
end

--- Findings for the files that the host sent, in order.
---@return table[]
function check.findings()
  local facts = new_facts()
  local manifest = check_manifest(facts)
  if manifest then
    facts.inputs = table_or_empty(manifest.inputs)
    facts.permits = table_or_empty(manifest.permits)
  end
  for _, file in ipairs(sorted_names(facts.sources)) do
    if file ~= "manifest.lua" then check_file(facts, file) end
  end
  if manifest and facts.sources["robot.lua"] then check_inputs_used(facts, manifest) end
  check_reach(facts)
  table.sort(facts.found, function(a, b)
    if a.file ~= b.file then return a.file < b.file end
    if a.line ~= b.line then return a.line < b.line end
    return a.text < b.text
  end)
  return facts.found
end

function check.serve()
  local errors = 0
  for _, finding in ipairs(check.findings()) do
    core.finding(finding)
    if finding.severity == "error" then errors = errors + 1 end
  end
  if errors > 0 then error(core.fault("CHECK_FAILED", tostring(errors)), 0) end
end

return check
