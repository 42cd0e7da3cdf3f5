--- Mails as they are sent: texts and attachments put together (RFC 2045 to 2047, 2183, 2231). The head of the whole is
--- the gateway's.
local media = require "internal.media"

local mime = {}

local LINE_MOST = 76 -- characters, RFC 2045, 6.7

-- Every line ends with CR LF, whatever the robot wrote.
local function canonical(text)
  return (text:gsub("\r\n?", "\n"):gsub("\n", "\r\n"))
end

-- One line in quoted-printable, cut into pieces of 76; a cut stands in no "=XX".
local function quoted_line(line)
  local encoded = line
    :gsub("[^\t -<>-~]", function(c) return ("=%02X"):format(c:byte()) end)
    :gsub("[\t ]$", function(c) return ("=%02X"):format(c:byte()) end)
  local pieces = {}
  while #encoded > LINE_MOST do
    local cut = LINE_MOST - 1
    local inside = encoded:sub(cut - 1, cut):find("=", 1, true)
    if inside then cut = cut - 3 + inside end
    table.insert(pieces, encoded:sub(1, cut) .. "=")
    encoded = encoded:sub(cut + 1)
  end
  table.insert(pieces, encoded)
  return table.concat(pieces, "\r\n")
end

--- A text in quoted-printable: people who look at a mail as it is can read it.
---
--- ```lua
--- mime.quoted "Päivää"   --> P=C3=A4iv=C3=A4=C3=A4
--- ```
---@param text string
---@return string
function mime.quoted(text)
  local lines = {}
  for line in (canonical(text) .. "\r\n"):gmatch "(.-)\r\n" do table.insert(lines, quoted_line(line)) end
  return table.concat(lines, "\r\n")
end

-- A parameter of a head: as it is, or by RFC 2231. Not both: readers differ in which one they believe.
local function parameter(name, value)
  if not value:find "[^ -~]" and not value:find '["\\]' then return ("; %s=\"%s\""):format(name, value) end
  local encoded = value:gsub("[^A-Za-z0-9!#$&+.^_`|~-]", function(c) return ("%%%02X"):format(c:byte()) end)
  return (";\r\n %s*=UTF-8''%s"):format(name, encoded)
end

local function text_part(kind, text)
  return {
    "Content-Type: text/" .. kind .. "; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n",
    mime.quoted(text),
  }
end

local function file_part(attachment)
  return {
    "Content-Type: " .. attachment.type .. "\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment"
      .. parameter("filename", attachment.name) .. "\r\n\r\n",
    { file = attachment.path, base64 = true },
  }
end

-- Parts between lines of a boundary. "=_" stands neither in base64 nor in quoted-printable.
local function multipart(kind, parts)
  local boundary, body = "=_" .. media.boundary(), {}
  for _, part in ipairs(parts) do
    table.insert(body, "--" .. boundary .. "\r\n")
    table.move(part, 1, #part, #body + 1, body)
    table.insert(body, "\r\n")
  end
  table.insert(body, "--" .. boundary .. "--\r\n")
  return ("multipart/%s; boundary=\"%s\""):format(kind, boundary), body
end

-- Text and page say the same; a reader shows the last one it knows.
local function words_of(text, html)
  local parts = {}
  if text then table.insert(parts, text_part("plain", text)) end
  if html then table.insert(parts, text_part("html", html)) end
  if #parts < 2 then return parts[1] end
  local kind, body = multipart("alternative", parts)
  return { "Content-Type: " .. kind .. "\r\n\r\n", table.unpack(body) }
end

--- The body of a mail and its content type.
---@param text string|nil
---@param html string|nil
---@param attachments { name: string, path: string, type: string }[]
---@return string content_type always a multipart
---@return (string|{ file: string, base64: boolean })[] body
function mime.compose(text, html, attachments)
  local parts = { words_of(text, html) }
  for _, attachment in ipairs(attachments) do table.insert(parts, file_part(attachment)) end
  return multipart("mixed", parts)
end

return mime
