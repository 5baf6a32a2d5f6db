import type { Theme } from "vitepress";
import DefaultTheme from "vitepress/theme";
import LossCurves from "../figures/LossCurves.vue";
import SelectiveMode from "../figures/SelectiveMode.vue";
import "./figures.css";

export default {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    app.component("LossCurves", LossCurves);
    app.component("SelectiveMode", SelectiveMode);
  },
} satisfies Theme;
