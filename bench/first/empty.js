// A worker of Cloudflare's that does nothing.
export default { fetch: () => Response.json([]) };
