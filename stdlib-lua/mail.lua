--- Mails to people. The gateway sends them by the city's mail server, under the sender that the administrator has set,
--- to whom the robot's permits name.
---
--- ```lua
--- local mail = require "mail"
--- mail.send {
---   to = "month-end@finance.example", subject = "Differences", text = "See the workbook.", attach = { report },
--- }
--- ```
local arguments = require "internal.arguments"
local core = require "core.run"
local gateway = require "core.gateway"
local media = require "internal.media"
local mime = require "internal.mime"
local outside = require "internal.outside"

local mail = {}

local fail = arguments.fail

local BYTES_MOST = 25 << 20 -- with everything, as it is sent; the gateway's
local OPTIONS = {
  to = true, cc = true, bcc = true, subject = true, text = true, html = true, attach = true, reply_to = true,
}

-- "name@host" or "Name <name@host>"; the gateway reads it with all its rules.
local function check_address(field, address)
  arguments.option("send", field, address, type(address) == "string", "EXPECTED_ADDRESS")
  local plain = address:match "<([^<>]*)>%s*$" or address
  if not plain:find "^%s*[^@%s<>,;]+@[^@%s<>,;]+%s*$" then fail("MAIL_ADDRESS", address) end
  return address
end

-- One address, or a list.
local function addresses(field, value)
  local list = {}
  for i, address in ipairs(type(value) == "table" and value or { value }) do list[i] = check_address(field, address) end
  return list
end

local function check_line(field, value)
  arguments.option("send", field, value, type(value) == "string", "EXPECTED_TEXT")
  if value and (value:find "%c" or not utf8.len(value)) then fail("MAIL_FIELD", field) end
  return value
end

local function check_text(field, value)
  arguments.option("send", field, value, type(value) == "string", "EXPECTED_TEXT")
  if value and not utf8.len(value) then fail("MAIL_FIELD", field) end
  return value
end

-- A path, a report, or { path = …, name = …, type = … }.
local function attachment(value)
  local given = type(value) == "table" and value.path ~= nil and value or { path = value }
  local path = arguments.path_of(given.path)
  arguments.option("send", "attach", value, path ~= nil, "EXPECTED_FILE")
  local name = check_line("attach.name", given.name) or media.name_of(path)
  local kind = check_line("attach.type", given.type) or media.type_of(name)
  return { path = path, name = name, type = kind }
end

local function attachments(value)
  if value == nil then return {} end
  local list = {}
  local many = type(value) == "table" and value.path == nil
  for i, one in ipairs(many and value or { value }) do list[i] = attachment(one) end
  return list
end

local function compose(options)
  local files = attachments(options.attach)
  local text, html = check_text("text", options.text), check_text("html", options.html)
  if not text and not html then
    if #files == 0 then fail "MAIL_EMPTY" end
    text = ""
  end
  local content_type, body = mime.compose(text, html, files)
  if gateway.size(body) > BYTES_MOST then fail("MAIL_TOO_LARGE", tostring(BYTES_MOST >> 20)) end
  return {
    to = addresses("to", options.to), cc = addresses("cc", options.cc), bcc = addresses("bcc", options.bcc),
    reply_to = options.reply_to and check_address("reply_to", options.reply_to) or "",
    subject = check_line("subject", options.subject) or "",
    content_type = content_type, body = body, text = text, html = html, attachments = files,
  }
end

---@class mail.options
---@field to string|string[]|nil an address, `name@host` or `Name <name@host>`, or a list of them
---@field cc string|string[]|nil
---@field bcc string|string[]|nil
---@field subject string
---@field text string|nil
---@field html string|nil the same as a page; with both, the reader chooses
---@field attach any a file of the run by its path, a report (closed first, if still open), or
--- `{ path = "out.csv", name = "Päivän rivit.csv" }`; or a list of them
---@field reply_to string|nil

--- Sends a mail, of at most 25 MB with its attachments. In a rehearsal it is checked, but not sent.
---
--- ```lua
--- local sent = mail.send {
---   to = { "month-end@finance.example", "Desk <desk@finance.example>" },
---   subject = "Differences of October",
---   text = "12 lines differ, see the workbook.",
---   attach = { report, "notes.txt" },
--- }
--- sent.message_id   --> <6f0c…@city.example>
--- ```
---@param options mail.options
---@return { message_id: string, held: boolean } sent held: a rehearsal, nothing was sent
function mail.send(options)
  arguments.expect("send", "options", 1, options, type(options) == "table", "EXPECTED_TABLE")
  arguments.options("send", 1, options, OPTIONS)
  if options.subject == nil then
    fail("OPTION_WRONG", "send", "subject", core.phrase "EXPECTED_TEXT", core.describe(nil))
  end
  local call = compose(options)
  if #call.to + #call.cc + #call.bcc == 0 then fail "MAIL_NOBODY" end
  local number = outside.mail(call)
  local ended, answer, fault
  repeat ended, answer, fault = outside.wait() until ended == number
  if fault then error(fault, 0) end
  return { message_id = answer.message_id, held = answer.held }
end

return mail
