--- How values of the library's classes are kept as text when a step's or an item's result is written down.
local core = require "core.run"
local decimal = require "decimal"
local json = require "json"

core.keep_class("decimal", tostring, decimal)
core.keep_class("json.null", function() return "" end, function() return json.null end)

return true
