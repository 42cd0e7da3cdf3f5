--- The outside world of a robot under test: fakes answer in place of the gateway.
local world = {}

--- Puts the fakes in place.
---@param systems fake.system[]
---@param dry_run boolean|nil
---@return table outside { calls, mails }
function world.begin(systems, dry_run)
  return { systems = systems, dry_run = dry_run, calls = {}, mails = {} }
end

--- Takes them away again and gathers what was asked.
---@param outside table
function world.finish(outside)
  for _, system in ipairs(outside.systems) do
    table.move(system.calls, 1, #system.calls, #outside.calls + 1, outside.calls)
  end
end

return world
