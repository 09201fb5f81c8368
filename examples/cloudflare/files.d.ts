declare module "*.safetensors" {
  const file: ArrayBuffer;
  export default file;
}
