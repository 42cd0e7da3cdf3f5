-- Each folder of runner/ says in its README what it may include; a foreign include is a fault.
local tree = require "tree"

-- Third-party headers, and the only folders that may name them.
local libraries = {
  ["uv.h"] = { "runner/lib/loop", "runner/host", "runner/gateway", "runner/fake" },
  ["sqlite3.h"] = { "runner/host/store" },
  ["git2.h"] = { "runner/host/repo", "runner/sync", "runner/host/doctor.c" },
  ["curl/curl.h"] = { "runner/gateway" },
  ["microhttpd.h"] = { "runner/fake", "runner/web" },
  ["lua.h"] = { "runner/worker" },
  ["lauxlib.h"] = { "runner/worker" },
  ["lualib.h"] = { "runner/worker" },
  ["gmp.h"] = { "runner/lib/decimal" },
  ["zip.h"] = { "runner/lib/sheet", "runner/lib/archive" },
  ["isa-l/crc.h"] = { "runner/lib/sheet" },
  ["isa-l/igzip_lib.h"] = { "runner/lib/sheet" },
  ["xlsxwriter.h"] = { "runner/lib/sheet" },
  ["libical/ical.h"] = { "runner/lib/calendar" },
  ["seccomp.h"] = { "runner/lib/sandbox" },
  ["iconv.h"] = { "runner/lib/encoding", "runner/lib/xml" },
}

local function folder_of(name) return name:match("^(.*)/[^/]*$") end

-- The nearest README above the file, and what it allows: words after "May include:".
local allowed_cache = {}
local function allowed(folder)
  if allowed_cache[folder] then return allowed_cache[folder] end
  local set = {}
  local readme = folder .. "/README.md"
  if tree.exists(readme) then
    local line = tree.read(readme):match("May include:%s*([^\n]*)")
    if line then
      for word in line:gmatch("[%w_/]+") do set[word] = true end
      allowed_cache[folder] = set
      return set
    end
  end
  local above = folder_of(folder)
  if not above or above == "runner" then
    tree.fault("%s: no README.md with a line \"May include:\"", folder)
    allowed_cache[folder] = set
    return set
  end
  set = allowed(above)
  allowed_cache[folder] = set
  return set
end

-- runner/lib/json/json.h is part "json"; runner/host/store/store.h is part "host/store".
local function part_of(path)
  return path:match("^lib/([%w_]+)/") or folder_of(path)
end

for _, name in ipairs(tree.files("'runner/*.c' 'runner/*.h'")) do
  local folder = folder_of(name)
  if folder ~= "runner" then
    local own = part_of(name:sub(#"runner/" + 1))
    for included in tree.read(name):gmatch('#include "([^"]+)"') do
      local part = part_of(included)
      local process, own_process = included:match("^(%w+)/"), name:match("^runner/(%w+)/")
      local same = part == own or (process ~= "lib" and process == own_process)
      if not same and not allowed(folder)[part] and not (process == "lib" and allowed(folder)["lib"]) then
        tree.fault("%s includes %s, but its README.md does not name %s", name, included, part)
      end
    end
    for included in tree.read(name):gmatch("#include <([^>]+)>") do
      local homes = libraries[included]
      local home = homes == nil
      for _, prefix in ipairs(homes or {}) do
        home = home or name:sub(1, #prefix) == prefix
      end
      if not home then tree.fault("%s names <%s>, which belongs to %s", name, included, table.concat(homes, ", ")) end
    end
  end
end
tree.finish()
