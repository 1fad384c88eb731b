/** Begin: the service worker, the language, the screen. */

import { createApp } from "vue";
import App from "./App.vue";
import "./look.css";
import { start } from "./phone";
import { watchForVersions } from "./version";
import { language, written } from "./words";

written(language.value);
createApp(App).mount("#app");
void start();
watchForVersions();
