--- What a robot asks of the world against what its manifest permits: calls, mail, shares, files, inputs; and what the
--- manifest permits or asks for that nothing needs.
---
--- Where a client, the inputs or a module go where they can't be followed, nothing is said of what is unused.
local address = require "internal.address"
local core = require "core.check"
local json = require "json"
local manifest = require "internal.check_manifest"
local values = require "internal.check_values"
local worker = require "core.run"

local outside = {}

local METHODS = {
  get = "GET", head = "HEAD", post = "POST", put = "PUT", patch = "PATCH", delete = "DELETE", pages = "GET",
}
-- Those that are told the method first.
local TOLD = { request = true, call = true }

-- What was seen of the world.
local function new_seen() return { http = {}, mail = {}, shares = {}, inputs = {}, opened = {}, written = {} } end

-- ---- HTTP

local function joined(base, base_whole, path, path_whole)
  if base_whole then return address.join(base, path), path_whole end
  if path:find "^https?://" then return path, path_whole end
  return base, false
end

-- What stands before a value that is put into the path, or before the query.
local function known_part(url, whole)
  local template = url:find("{", 1, true)
  if template then url, whole = url:sub(1, template - 1), false end
  local query = url:find("[?#]")
  if query then return url:sub(1, query - 1), true end
  return url, whole
end

-- Scheme and host must be seen whole; then the permits that may cover the call are noted.
local function covered(check, method, url, whole, login)
  local found = false
  for i = 1, #check.http_permits do
    if check.permits:http(i, method, url, whole, login) then
      check.seen.http[i] = true
      found = true
    end
  end
  return found
end

local function address_is_known(url, whole)
  return url:find "^https?://[^/]+/" or (whole and url:find "^https?://[^/]+$")
end

-- `place` is the path, or the whole address; `client` a kind of check_values, without one there is no base.
local function http_call(check, unit, line, method, place, client)
  local path, path_whole = "", false
  if place then path, path_whole = check.values:text(place) end
  local url, whole = known_part(joined(client and client.base or "", not client or client.base_whole, path, path_whole))
  if not method or not address_is_known(url, whole) or (client and not client.login_whole) then
    check.seen.http_unknown = true
    return
  end
  local login = client and client.login or ""
  if covered(check, method, url, whole, login) then return end
  check.seen.http_unknown = true -- mended, it may need any of the permits
  local shown = whole and url or url .. "…"
  if login ~= "" and covered(check, method, url, whole, "") then
    check:report("error", unit.file, line, "PERMIT_LOGIN", method, shown, login)
  else
    check:report("error", unit.file, line, "PERMIT_NONE", method, shown)
  end
end

local function client_call(check, unit, call, client)
  local first = call.arguments[1]
  if METHODS[call.name] then
    http_call(check, unit, call.line, METHODS[call.name], first, client)
  elseif TOLD[call.name] and first and first.kind == "text" then
    http_call(check, unit, call.line, first.value, call.arguments[2], client)
  else
    check.seen.http_unknown = true
  end
end

-- http.all { address, client:call(…), … }: the calls were looked at where they stand.
local function many_calls(check, unit, call)
  local list = call.arguments[1]
  if not list or list.kind ~= "table" then
    check.seen.http_unknown = true
    return
  end
  for _, one in ipairs(list.items) do
    if one.kind ~= "method" or one.name ~= "call" then http_call(check, unit, one.line, "GET", one) end
  end
end

local function is_module(kind, title) return kind and kind.name == "module" and kind.title == title end

-- ---- Mail

local function recipient(check, unit, expression)
  local written, whole = check.values:text(expression)
  if not whole then
    check.seen.mail_unknown = true
    return
  end
  local mailbox = written:match "<([^>]*)>%s*$" or written:match "^%s*(.-)%s*$"
  local found = false
  for i = 1, #check.mail_permits do
    if check.permits:mail(i, mailbox) then
      check.seen.mail[i] = true
      found = true
    end
  end
  if not found then
    check.seen.mail_unknown = true
    check:report("error", unit.file, expression.line, "MAIL_RECIPIENT", mailbox)
  end
end

local function mail_call(check, unit, call)
  local letter = call.arguments[1]
  if not letter or letter.kind ~= "table" or letter.open then
    check.seen.mail_unknown = true
    return
  end
  for _, name in ipairs { "to", "cc", "bcc" } do
    local to = letter.fields[name]
    if to and to.kind == "table" then
      for _, item in ipairs(to.items) do recipient(check, unit, item) end
    elseif to then
      recipient(check, unit, to)
    end
  end
end

-- ---- Files and shares

local OPENERS = { ["sheet.open"] = true, ["text.read"] = true, ["text.lines"] = true, ["text.digest"] = true }
local WRITERS = { ["sheet.create"] = true, ["text.write"] = true, ["sheet.write_csv"] = true }

local function is_input(check, expression)
  if expression.kind ~= "index" then return false end
  local kind = check.values:kind(expression.object)
  return kind ~= nil and kind.name == "inputs"
end

local function share_of(check, unit, path, line)
  local name = path:match "^/shares/([^/]+)"
  if not name then return false end
  check.seen.shares[name] = true
  if not check.shares[name] then check:report("error", unit.file, line, "CHECK_SHARE", name) end
  return true
end

local function file_call(check, unit, call, title)
  local first = call.arguments[1]
  if not first then return end
  local path, whole = check.values:text(first)
  if share_of(check, unit, path, call.line) then return end
  if not whole and path == "" and not is_input(check, first) then check.seen.share_unknown = true end
  if WRITERS[title] then
    table.insert(check.seen.written, { path = path, whole = whole })
  elseif whole then
    table.insert(check.seen.opened, { file = unit.file, line = call.line, path = path })
  end
end

local function saved(check, call)
  local first = call.arguments[1]
  if not first then return end
  local path, whole = check.values:text(first)
  table.insert(check.seen.written, { path = path, whole = whole })
end

local function was_written(check, path)
  for _, written in ipairs(check.seen.written) do
    if written.path == path or (not written.whole and path:sub(1, #written.path) == written.path) then return true end
  end
  return false
end

-- ---- Each call

local function called(check, unit, call)
  local target = call.called
  if target.kind ~= "index" or target.key.kind ~= "text" then return end
  local kind, name = check.values:kind(target.object), target.key.value
  if is_module(kind, "http") and METHODS[name] then
    http_call(check, unit, call.line, METHODS[name], call.arguments[1])
  elseif is_module(kind, "http") and name == "all" then
    many_calls(check, unit, call)
  elseif is_module(kind, "http") and name ~= "client" then
    check.seen.http_unknown = true
  elseif is_module(kind, "mail") and name == "send" then
    mail_call(check, unit, call)
  elseif is_module(kind, "mail") then
    check.seen.mail_unknown = true
  elseif kind and kind.name == "module" then
    local title = kind.title .. "." .. name
    if OPENERS[title] or WRITERS[title] then file_call(check, unit, call, title) end
  end
end

local function method(check, unit, call)
  local kind = check.values:kind(call.object)
  if kind and kind.name == "client" then
    client_call(check, unit, call, kind)
  elseif call.name == "save" then
    saved(check, call)
  end
end

-- ---- What goes where it can't be followed

-- Used as a value, but for `local name = …` of a variable that stays as it is.
local function escapes(node)
  if node.use then return false end
  return not (node.first_of and #node.first_of.values == 1)
end

local function follow(check, node)
  local kind = check.values:kind(node)
  if not kind then
    return
  elseif kind.name == "inputs" and escapes(node) then
    check.seen.inputs_unknown = true
  elseif kind.name == "run" and escapes(node) then
    check.seen.inputs_unknown = true
  elseif kind.name == "client" and escapes(node) then
    check.seen.http_unknown = true
  elseif is_module(kind, "http") and escapes(node) then
    check.seen.http_unknown = true
  elseif is_module(kind, "mail") and escapes(node) then
    check.seen.mail_unknown = true
  end
end

-- The one that was meant is not told as unused too.
local function nearest_input(check, name)
  local known = {}
  for input in pairs(check.inputs) do table.insert(known, input) end
  table.sort(known)
  return worker.nearest(name, known)
end

local function index(check, node)
  local kind = check.values:kind(node.object)
  if kind and kind.name == "inputs" then
    if node.key.kind == "text" then
      local name = node.key.value
      if check.inputs[name] == nil then name = nearest_input(check, name) end
      if name then check.seen.inputs[name] = true end
    else
      check.seen.inputs_unknown = true
    end
  elseif kind and kind.name == "run" and node.key.kind == "text" and node.key.value == "file_names" then
    check.seen.inputs_unknown = true
  elseif (is_module(kind, "http") or is_module(kind, "mail")) and node.use ~= "call" then
    check.seen.http_unknown, check.seen.mail_unknown = true, true
  end
end

local function unknown_module(check, node)
  local name = values.is_global(node.called, "require") and values.literal(node, 1)
  if name and not check.modules[name] and not check.available[name] then
    check.seen.http_unknown, check.seen.mail_unknown, check.seen.share_unknown = true, true, true
  end
end

local LOOK = {
  call = function(check, unit, node)
    unknown_module(check, node)
    called(check, unit, node)
    follow(check, node)
  end,
  method = method,
  index = function(check, _, node)
    index(check, node)
    follow(check, node)
  end,
  global = function(check, _, node) follow(check, node) end,
  ["local"] = function(check, _, node) follow(check, node) end,
}

-- ---- What the manifest has too much of

local function unused_inputs(check)
  if check.seen.inputs_unknown or not check.inputs then return end
  for name in pairs(check.inputs) do
    if not check.seen.inputs[name] then
      local line = manifest.line(check.manifest_table, "inputs", name)
      check:report("warning", "manifest.lua", line, "CHECK_INPUT_UNUSED", name)
    end
  end
end

local function shown_permit(permit)
  local verb, url = permit["1"] or permit[1], permit["2"] or permit[2]
  if type(verb) == "table" then verb = table.concat(verb, " ") end
  return ("%s %s"):format(tostring(verb), tostring(url))
end

local function unused_permit(check, shown, ...)
  local line = manifest.line(check.manifest_table, "permits", ...)
  check:report("warning", "manifest.lua", line, "CHECK_PERMIT_UNUSED", shown)
end

local function unused_permits(check)
  local seen = check.seen
  for i, permit in ipairs(check.http_permits) do
    if not seen.http_unknown and not seen.http[i] then unused_permit(check, shown_permit(permit), "http", i) end
  end
  for i, mailbox in ipairs(check.mail_permits) do
    if not seen.mail_unknown and not seen.mail[i] then unused_permit(check, tostring(mailbox), "mail", "to", i) end
  end
  for name in pairs(check.shares) do
    if not seen.share_unknown and not seen.shares[name] then unused_permit(check, name, "shares", name) end
  end
end

local function unknown_files(check)
  for _, opened in ipairs(check.seen.opened) do
    if not was_written(check, opened.path) then
      check:report("warning", opened.file, opened.line, "CHECK_FILE_UNKNOWN", opened.path)
    end
  end
end

--- Begins with what the manifest permits: data as the host hands it over. Without a manifest nothing is looked at.
---@param check table see internal/check.lua
---@param data table|nil
function outside.begin(check, data)
  local permits = data and data.permits or {}
  check.seen = new_seen()
  check.http_permits = permits.http or {}
  check.mail_permits = permits.mail and permits.mail.to or {}
  check.shares = permits.shares or {}
  check.permits = core.permits(json.encode(next(permits) and permits or json.object {}))
end

--- Looks at one file of the robot.
---@param check table
---@param unit check.unit
function outside.look(check, unit)
  for _, node in ipairs(unit.nodes) do
    local look = LOOK[node.kind]
    if look then look(check, unit, node) end
  end
end

--- Tells what is too much, when all files were looked at.
---@param check table
function outside.finish(check)
  unknown_files(check)
  unused_inputs(check)
  unused_permits(check)
end

return outside
