---@meta core.gateway

--- For the library itself (internal/outside.lua): calls over the run's socket to the gateway. Robots use http and mail.
---@class core.gateway
local gateway = {}

--- Begins a call by HTTP; its number. A `body` is sent at once, files piece by piece.
---
--- ```lua
--- gateway.http { method = "GET", url = "https://x.example/", headers = {}, login = "", options = {} }   --> 1
--- ```
---@param call outside.call
---@return integer
function gateway.http(call) end

--- Begins a mail; its number.
---@param mail outside.mail
---@return integer
function gateway.mail(mail) end

--- The number that the next call will have.
---
--- ```lua
--- gateway.next()   --> 2
--- ```
---@return integer
function gateway.next() end

--- Waits until a call ends: its number, and its answer or a fault. Nothing when none ended in time; without a time it
--- waits for ever.
---
--- ```lua
--- local number, answer, fault = gateway.wait()
--- ```
---@param milliseconds? integer
---@return integer? number
---@return outside.answer? answer
---@return table? fault
function gateway.wait(milliseconds) end

--- Breaks a call off; nothing comes back for it any more.
---@param number integer
function gateway.cancel(number) end

--- How many bytes a body comes to, and whether it is so large that its call must be made alone.
---
--- ```lua
--- gateway.size { "abc", { file = "report.pdf" } }   --> 20483, false
--- ```
---@param body (string|{ file: string, base64: boolean? })[]
---@return integer bytes
---@return boolean alone
function gateway.size(body) end

--- The whole body as a text.
---@param body (string|{ file: string, base64: boolean? })[]
---@return string
function gateway.read(body) end

--- Writes a file of the run, whole or not at all.
---@param path string
---@param bytes string
function gateway.write(path, bytes) end

--- An address as it is seen from another one (RFC 3986, 5).
---
--- ```lua
--- gateway.resolve("https://x.example/a/b", "?page=2")   --> https://x.example/a/b?page=2
--- ```
---@param base string
---@param reference string
---@return string
function gateway.resolve(base, reference) end

--- Milliseconds since 1970.
---@return integer
function gateway.now() end

return gateway
