--- How values of the library's classes are kept as text when a step's or an item's result is written down.
local core = require "core.run"
local date = require "date"
local decimal = require "decimal"
local json = require "json"

core.keep_class("decimal", tostring, decimal)
core.keep_class("date", tostring, date.parse)
core.keep_class("month", tostring, date.month)
core.keep_class("moment", tostring, date.moment)
core.keep_class("instant", function(instant)
  return tostring(instant) .. " " .. (instant:zone() or "")
end, function(kept)
  local written, zone = kept:match "^(%S+) (.*)$"
  if zone == "" then return date.instant(written) end
  return date.instant(written, { zone = zone })
end)
core.keep_class("json.null", function() return "" end, function() return json.null end)

return true
