// The least there is: what a worker costs beyond this is its own.
export default { fetch: () => new Response("ok\n") };
