-- Calls: one after the other, or many at a time; logs how many a second.
local date = require "date"
local http = require "http"

local server = http.client { base = "http://127.0.0.1:PORT", parallel = run.inputs.at_once }

server:get "/ok" -- the connection is there, the modules are warm

local begun = date.now():since_1970()
if run.inputs.at_once == 1 then
  for _ = 1, run.inputs.calls do server:get "/ok" end
else
  local calls = {}
  for i = 1, run.inputs.calls do calls[i] = server:call("GET", "/ok") end
  http.all(calls)
end
run:log("figure calls %.1f", run.inputs.calls / (date.now():since_1970() - begun))
