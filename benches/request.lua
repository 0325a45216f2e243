-- What wrk sends: the method and the header lines behind "--".
function init(arguments)
  wrk.method = arguments[1]
  for place = 2, #arguments do
    local name, value = arguments[place]:match("^([^:]+): (.*)$")
    wrk.headers[name] = value
  end
end

function done(summary, latency)
  io.write(string.format("p99_us %d\n", latency:percentile(99)))
end
