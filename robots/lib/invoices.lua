-- What the workplace knows about invoices; robots say require "lib.invoices".
local decimal = require "decimal"

local invoices = {}

--- Finds two documents that book the same invoice with the same sum, where no third one takes it back.
---
--- Documents are summed over their lines first. A reversal (the same sum with the other sign) takes one booking away;
--- documents with different sums are parts of one invoice (a split), not a second booking.
---@param entries fun(): table|nil all lines of one invoice of one supplier: { document =, amount = }
---@return string|nil first
---@return string|nil second the two documents, and
---@return decimal|nil sum what each of them books; nothing when all is well
function invoices.booked_twice(entries)
  local sums, order = {}, {}
  for entry in entries do
    if not sums[entry.document] then
      sums[entry.document] = decimal "0"
      table.insert(order, entry.document)
    end
    sums[entry.document] = sums[entry.document] + decimal(entry.amount)
  end

  local bookings, reversals = {}, {} -- by size
  for _, document in ipairs(order) do
    local sum = sums[document]
    local size = tostring(sum:abs():round(2))
    bookings[size] = bookings[size] or {}
    reversals[size] = reversals[size] or 0
    if sum < 0 then
      reversals[size] = reversals[size] + 1
    elseif sum > 0 then
      table.insert(bookings[size], document)
    end
  end

  for _, document in ipairs(order) do
    local size = tostring(sums[document]:abs():round(2))
    if #bookings[size] - reversals[size] >= 2 then
      return bookings[size][1], bookings[size][2], sums[document]:abs()
    end
  end
end

return invoices
