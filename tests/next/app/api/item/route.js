export const GET = () => Response.json({}, { headers: { Vary: 'Accept' } });
export const PUT = () => Response.json({});
