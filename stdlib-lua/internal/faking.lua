--- Kind "fake": runs the script that names systems, then answers what real clients ask of them, until the host is gone.
local core = require "core.run"
local fake = require "fake"
local requests = require "core.fake"
local run = require "run"

local faking = {}

local function headers_of(pairs_list)
  local headers = {}
  for _, pair in ipairs(pairs_list) do headers[pair[1]:lower()] = pair[2] end
  return headers
end

local function answer(asked)
  local system = fake.find(asked.system)
  if not system then return { status = 502, headers = {}, body = "no such system: " .. asked.system, delay = 0 } end
  asked.headers = headers_of(asked.headers)
  local done, response = core.try(system.handle, system, asked)
  if done then return response end
  core.log(0, ("%s %s: %s (line %d)"):format(asked.method, asked.path, response.message, response.line or 0))
  return { status = 500, headers = {}, body = response.message, delay = 0 }
end

local function list_of(headers)
  local list = {}
  for name, value in pairs(headers) do table.insert(list, { name, value }) end
  return list
end

function faking.serve()
  local start = core.start()
  run.install(run.new {
    number = start.number, robot = start.robot, attempt = 1, language = core.language(),
    inputs = core.plain(start.inputs),
  })
  core.load "robot.lua"()
  for asked in requests.request do
    local response = answer(asked)
    local headers, fault = list_of(response.headers), response.fault or ""
    requests.answer(asked.id, response.status, headers, fault, response.delay, response.body)
  end
end

return faking
