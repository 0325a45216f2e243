// Runs functions of CloudFront on requests: reads [{"code", "requests": [{"method", "fields"}]}] from
// standard input, and writes the answers, {"status", "headers"}, or {} where the request goes on.
import { readFileSync } from 'node:fs'
import vm from 'node:vm'

function answer (handler, { method, fields }) {
  const headers = {}
  for (const [name, value] of Object.entries(fields)) headers[name.toLowerCase()] = { value }
  const request = { method, uri: '/', querystring: {}, headers, cookies: {} }
  const result = handler({ version: '1.0', context: { eventType: 'viewer-request' }, request })
  if (result === request) return {}
  const sent = Object.entries(result.headers).map(([name, { value }]) => [name, value])
  return { status: result.statusCode, headers: Object.fromEntries(sent) }
}

const jobs = JSON.parse(readFileSync(0, 'utf8'))
console.log(JSON.stringify(jobs.map(({ code, requests }) => {
  const handler = vm.runInNewContext(`${code}; handler`)
  return requests.map(request => answer(handler, request))
})))
