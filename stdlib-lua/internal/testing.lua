--- Kind "test": runs the files tests/*.lua that the host sent, one after the other, each with the workplace's modules
--- loaded afresh. A file calls test.case, or returns a table of tests: what is promised → a function.
local core = require "core.run"
local run = require "run"
local test = require "test"

local testing = {}

local function test_files()
  local files = {}
  for name in pairs(core.sources()) do
    if name:find "^tests/.*%.lua$" then table.insert(files, name) end
  end
  table.sort(files)
  return files
end

local function run_table(tests)
  local names = {}
  for name in pairs(tests) do table.insert(names, tostring(name)) end
  table.sort(names)
  for _, name in ipairs(names) do test.case(name, tests[name]) end
end

local function run_file(file)
  core.forget_modules()
  test.begin_file(file)
  local loaded, result = core.try(function() return core.load(file)() end)
  if not loaded then
    test.case("the file can be run", function() error(result, 0) end)
  elseif type(result) == "table" then
    run_table(result)
  end
  local failed, told = 0, test.begin_file ""
  for _, case in ipairs(told) do
    if not case.passed then failed = failed + 1 end
  end
  return failed, #told
end

function testing.serve()
  run.install(nil, { host = core })
  local failed, total = 0, 0
  for _, file in ipairs(test_files()) do
    local failed_here, told = run_file(file)
    failed, total = failed + failed_here, total + told
  end
  if failed > 0 then error(core.fault("TESTS_FAILED", tostring(failed), tostring(total)), 0) end
  if total == 0 then error(core.fault("TESTS_NONE"), 0) end
end

return testing
