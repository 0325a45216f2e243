export const GET = () => Response.json({}, { headers: { 'Access-Control-Allow-Origin': '*' } });
