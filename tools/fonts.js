// The Chinese type of printed cards and handbooks, copied beside the program that prints them.
import { copyFileSync, mkdirSync } from "node:fs";

const from = "node_modules/@expo-google-fonts/noto-sans-sc";
const to = "yihu/exchange/assets";
mkdirSync(to, { recursive: true });
for (const [folder, weight] of [["400Regular", "Regular"], ["700Bold", "Bold"]]) {
  copyFileSync(`${from}/${folder}/NotoSansSC_${folder}.ttf`, `${to}/NotoSansSC-${weight}.ttf`);
}
copyFileSync(`${from}/LICENSE_FONT`, `${to}/LICENSE_FONT`);
