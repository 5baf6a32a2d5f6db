// A file that Vite serves: the address of it.
declare module "*?url" {
  const address: string;
  export default address;
}
