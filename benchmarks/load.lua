-- One load of wrk, described by the environment: LOAD_METHOD, LOAD_PATHS (separated by spaces, taken in turns),
-- LOAD_BODY (`{n}` becomes a number never sent before) and LOAD_TOKEN. Prints one line of JSON when done.

local method = os.getenv("LOAD_METHOD")
local body = os.getenv("LOAD_BODY")
local numbered = body ~= nil and body:find("{n}", 1, true) ~= nil
local headers = { ["Authorization"] = "Bearer " .. os.getenv("LOAD_TOKEN") }
if body then
    headers["Content-Type"] = "application/json"
end

local paths = {}
for path in os.getenv("LOAD_PATHS"):gmatch("%S+") do
    paths[#paths + 1] = path
end

local ready = {}
local count = 0
local start = os.getenv("LOAD_START")

function init()
    for i, path in ipairs(paths) do
        ready[i] = wrk.format(method, path, headers, body)
    end
end

function request()
    count = count + 1
    local i = (count - 1) % #paths + 1
    if not numbered then
        return ready[i]
    end
    return wrk.format(method, paths[i], headers, (body:gsub("{n}", start .. count)))
end

function done(summary, latency)
    local errors = summary.errors
    io.write(string.format(
        '{"requests": %d, "microseconds": %d, "socket_errors": %d, "timeouts": %d, "bad_status": %d, '
            .. '"p50": %d, "p95": %d, "p99": %d}\n',
        summary.requests, summary.duration, errors.connect + errors.read + errors.write, errors.timeout,
        errors.status, latency:percentile(50), latency:percentile(95), latency:percentile(99)
    ))
end
