--- Kind "check": reads a robot without running it and tells what is wrong with it, each finding with file and line.
---
--- What is looked at: robot.lua, the workplace's modules that it requires, directly or through others, and its tests.
--- Sources are foreign: all that is done here grows with their length and no faster, and ends at FINDINGS_MAX.
local core = require "core.check"
local decimals = require "internal.check_decimals"
local http = require "http"
local manifest = require "internal.check_manifest"
local names = require "internal.check_names"
local outside = require "internal.check_outside"
local parser = require "internal.check_parser"
local run = require "run"
local values = require "internal.check_values"
local worker = require "core.run"

local check = {}

local FINDINGS_MAX = 200

local FOR_TESTS = { test = true, fake = true }

---@class check.finding
---@field file string
---@field line integer
---@field severity "error"|"warning"
---@field code string its name among the errors
---@field text string in the person's language
---@field hint string what to do, may be empty

local methods = {}
methods.__index = methods

--- Whether there is no room for further findings.
---@return boolean
function methods:is_full() return #self.findings >= FINDINGS_MAX end

--- Adds what a fault says.
---@param severity "error"|"warning"
---@param file string
---@param line integer
---@param fault table
function methods:add(severity, file, line, fault)
  local key = ("%s:%d:%s:%s"):format(file, line, fault.code, fault.message)
  if self.told[key] or self:is_full() then return end
  self.told[key] = true
  table.insert(self.findings, {
    kind = "check", file = file, line = line, severity = severity,
    code = fault.code, text = fault.message, hint = fault.hint,
  })
end

--- Adds an error of the catalogue by its name; the same one twice is one.
---@param severity "error"|"warning"
---@param file string
---@param line integer
---@param code string
---@param ... string its arguments
function methods:report(severity, file, line, code, ...)
  if not self:is_full() then self:add(severity, file, line, worker.fault(code, ...)) end
end

--- Whether a file may require a module: those for tests only in tests.
---@param unit check.unit
---@param name string
---@return boolean
function methods:may_require(unit, name)
  if FOR_TESTS[name] and not unit.is_test then return false end
  return self.modules[name] ~= nil or self.available[name] ~= nil
end

--- Whether a module has a field that only its __index finds.
---@param kind table
---@param name string
---@return boolean
function methods:is_found(kind, name)
  local module = kind.name == "module" and worker.modules()[kind.title]
  return module and worker.has_field(module, name) or false
end

-- ---- What there is

local function field_names(thing)
  local set = {}
  for name in next, thing do
    if type(name) == "string" then set[name] = true end
  end
  return set
end

-- Names of the environment; `run` and `print` come when a robot starts.
local function known_globals()
  local globals = field_names(worker.environment())
  globals.run, globals.print = true, true
  return globals
end

local function known_libraries()
  local libraries = {}
  for name, thing in next, worker.environment() do
    if type(thing) == "table" and name ~= "_G" then libraries[name] = field_names(thing) end
  end
  return libraries
end

local function known_modules()
  local modules = {}
  for name, module in pairs(worker.modules()) do
    modules[name] = type(module) == "table" and field_names(module) or {}
  end
  return modules
end

-- What an object of the library has: name → type.
local function fields_of(object)
  local fields = {}
  for name, value in next, object do fields[name] = type(value) end
  return fields
end

local function known_run()
  return fields_of(run.new { number = 1, robot = "check", attempt = 1, language = "en", inputs = {} })
end

local function known_client()
  return fields_of(getmetatable(http.client { cookies = false }).__index)
end

-- ---- Files

local function module_of(file)
  return (file:gsub("%.lua$", ""):gsub("/", "."))
end

-- Reads a file once; nil where Lua's loader refuses it, which is told.
local function read(self, file, source)
  local fault = core.syntax(file, source)
  if fault then
    self:add("error", file, fault.source == file and fault.line or 1, fault) -- nested too deep: no line
    return nil
  end
  return parser.read(file, source)
end

-- The files that are looked at, in the order in which they are found: robot.lua, what it requires, what that requires.
local function gather(self, file, source)
  local unit = read(self, file, source)
  if not unit then
    self.broken = true
    return
  end
  unit.is_test = file:find "^tests/" ~= nil
  table.insert(self.units, unit)
  for _, node in ipairs(unit.nodes) do
    local name = node.kind == "call" and values.is_global(node.called, "require") and values.literal(node, 1)
    local wanted = name and self.available[name]
    if wanted and not self.files[name] then
      self.files[name] = { file = wanted } -- before it is read: modules may need each other
      local before = #self.units
      gather(self, wanted, self.sources[wanted])
      self.files[name] = self.units[before + 1] or self.files[name]
    end
  end
end

local function stored_globals(self)
  for _, unit in ipairs(self.units) do
    for _, store in ipairs(unit.stores) do
      if store.target.kind == "global" then self.stored[store.target.name] = true end
    end
  end
end

-- robot.lua and tests; workplace modules come by require, and a file elsewhere in the folder comes by nothing.
local function begin(self)
  local sorted = {}
  for file in pairs(self.sources) do table.insert(sorted, file) end
  table.sort(sorted)
  for _, file in ipairs(sorted) do
    if file:find "^lib/.*%.lua$" then self.available[module_of(file)] = file end
  end
  if self.sources["robot.lua"] then gather(self, "robot.lua", self.sources["robot.lua"]) end
  for _, file in ipairs(sorted) do
    if file:find "^tests/.*%.lua$" then
      self.has_tests = true
      gather(self, file, self.sources[file])
    elseif file:find "%.lua$" and not file:find "^lib/" and file ~= "robot.lua" and file ~= "manifest.lua" then
      self:report("warning", file, 1, "CHECK_FILE_UNREACHABLE", file)
    end
  end
end

-- ---- The manifest

-- Tables that have numbers and names side by side as JSON has them: all names.
local function plain(thing)
  if type(thing) ~= "table" then return thing end
  local made, named = {}, false
  for key in pairs(thing) do named = named or type(key) == "string" end
  for key, value in pairs(thing) do made[named and tostring(key) or key] = plain(value) end
  return made
end

local function companions(self, files)
  if not files then return end
  local there = {}
  for _, file in ipairs(files) do there[file] = true end
  if not there["README.md"] then self:report("warning", "manifest.lua", 1, "CHECK_README_MISSING") end
  if not self.has_tests then self:report("warning", "manifest.lua", 1, "CHECK_TESTS_MISSING") end
end

-- ---- All of it

local function look(self)
  stored_globals(self)
  for _, unit in ipairs(self.units) do
    names.look(self, unit)
    decimals.look(self, unit)
    if self.inputs and not unit.is_test then outside.look(self, unit) end
  end
  -- What a broken file uses isn't known.
  if self.inputs and not self.broken then outside.finish(self) end
end

local PLACE = { ["manifest.lua"] = 1, ["robot.lua"] = 2 }

local function in_order(findings)
  for i, finding in ipairs(findings) do finding.place = i end
  table.sort(findings, function(a, b)
    local file_a, file_b = PLACE[a.file] or 3, PLACE[b.file] or 3
    if file_a ~= file_b then return file_a < file_b end
    if a.file ~= b.file then return a.file < b.file end
    if a.line ~= b.line then return a.line < b.line end
    return a.place < b.place
  end)
  for _, finding in ipairs(findings) do finding.place = nil end
  return findings
end

---@class check.robot
---@field sources table<string, string> its Lua files, as the host names them
---@field manifest table|nil as the host read it; without one, nothing is said of what it permits
---@field problems table[]|nil of the manifest, as the host found them
---@field files string[]|nil all that is in its folder
---@field modules table<string, table<string, boolean>>|nil instead of the library's: name → names of its fields

--- What is wrong with a robot.
---
--- ```lua
--- check.examine { sources = { ["robot.lua"] = "totla = 1" } }
--- ```
---@param robot check.robot
---@return check.finding[]
function check.examine(robot)
  local self = setmetatable({
    sources = robot.sources, available = {}, files = {}, units = {}, stored = {}, findings = {}, told = {},
    globals = known_globals(), libraries = known_libraries(), run_fields = known_run(), client_fields = known_client(),
    modules = robot.modules or known_modules(),
  }, methods)
  local data = plain(robot.manifest)
  self.inputs = data and (data.inputs or {})
  self.manifest_table = manifest.written(self.sources["manifest.lua"])
  manifest.tell(self, robot.problems or {})
  begin(self)
  self.values = values.new(self)
  outside.begin(self, data)
  look(self)
  companions(self, robot.files)
  local findings = in_order(self.findings)
  if self:is_full() then
    local fault = worker.fault("CHECK_MORE", tostring(FINDINGS_MAX))
    local last = findings[#findings]
    table.insert(findings, {
      kind = "check", file = last.file, line = last.line, severity = "warning",
      code = fault.code, text = fault.message, hint = fault.hint,
    })
  end
  return findings
end

--- Reads the robot that the host sent and tells each finding.
function check.serve()
  local options = worker.plain(worker.start().options)
  for _, finding in ipairs(check.examine {
    sources = worker.sources(), manifest = options.manifest, problems = options.problems, files = options.files,
  }) do
    worker.finding(finding)
  end
end

return check
