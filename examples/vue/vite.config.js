import vue from "@vitejs/plugin-vue";

const isCustomElement = (tag) => tag.startsWith("triptych-");
export default { plugins: [vue({ template: { compilerOptions: { isCustomElement } } })] };
