/** One class that the scenes can show: a COCO category that open icon sets draw. */
export interface SceneClass {
  /** COCO category id (1..90 with gaps). */
  readonly cocoId: number;
  readonly name: string;
  readonly supercategory: string;
  /** The OpenImages machine id of the same concept. */
  readonly mid: string;
  /** The drawings: icon name (spelled as in Noto) and Unicode code point in hex. */
  readonly icons: readonly { readonly name: string; readonly codePoint: string }[];
}

function row(cocoId: number, name: string, supercategory: string, mid: string, icons: string): SceneClass {
  const pairs = icons.split(" ").map((icon) => icon.split("=") as [string, string]);
  return { cocoId, name, supercategory, mid, icons: pairs.map(([n, codePoint]) => ({ name: n, codePoint })) };
}

/**
 * The 67 COCO classes that open icon sets draw, most frequent first: the order IS the frequency rank, so
 * `classes: 20` means the first 20. Those first 20 are easy to tell apart at 64 px and nearly all of them are drawn
 * by every set; from the 21st on the order follows COCO. (Missing of the 80, because there is no drawing: fire hydrant,
 * parking meter, bench, baseball bat, baseball glove, dining table, microwave, oven, toaster, sink, refrigerator,
 * remote, hair drier.)
 */
// biome-ignore format: a table reads best with one row a line
export const sceneClasses: readonly SceneClass[] = [
  row(1, "person", "person", "/m/01g317", "person=1f9d1 man=1f468 woman=1f469 person-standing=1f9cd person-walking=1f6b6 older-person=1f9d3"),
  row(3, "car", "vehicle", "/m/0k4j", "automobile=1f697 sport-utility-vehicle=1f699 oncoming-automobile=1f698"),
  row(47, "cup", "kitchen", "/m/02p5f1q", "hot-beverage=2615 teacup-without-handle=1f375 cup-with-straw=1f964"),
  row(84, "book", "indoor", "/m/0bt_c3", "open-book=1f4d6 closed-book=1f4d5 green-book=1f4d7"),
  row(18, "dog", "animal", "/m/0bt9lr", "dog=1f415 dog-face=1f436"),
  row(85, "clock", "indoor", "/m/01x3z", "alarm-clock=23f0 mantelpiece-clock=1f570 three-oclock=1f552"),
  row(28, "umbrella", "accessory", "/m/0hnnb", "umbrella=2602 umbrella-with-rain-drops=2614 closed-umbrella=1f302"),
  row(17, "cat", "animal", "/m/01yrx", "cat=1f408 cat-face=1f431"),
  row(16, "bird", "animal", "/m/015p6", "bird=1f426 eagle=1f985 duck=1f986"),
  row(2, "bicycle", "vehicle", "/m/0199g", "bicycle=1f6b2"),
  row(10, "traffic light", "outdoor", "/m/015qff", "vertical-traffic-light=1f6a6 horizontal-traffic-light=1f6a5"),
  row(5, "airplane", "vehicle", "/m/0cmf2", "airplane=2708 small-airplane=1f6e9"),
  row(9, "boat", "vehicle", "/m/019jd", "sailboat=26f5 speedboat=1f6a4 motor-boat=1f6e5"),
  row(53, "apple", "food", "/m/014j1m", "red-apple=1f34e green-apple=1f34f"),
  row(6, "bus", "vehicle", "/m/01bjv", "bus=1f68c oncoming-bus=1f68d"),
  row(72, "tv", "electronic", "/m/07c52", "television=1f4fa"),
  row(52, "banana", "food", "/m/09qck", "banana=1f34c"),
  row(61, "cake", "food", "/m/0fszt", "birthday-cake=1f382 shortcake=1f370"),
  row(22, "elephant", "animal", "/m/0bwd_0j", "elephant=1f418"),
  row(59, "pizza", "food", "/m/0663v", "pizza=1f355"),
  row(62, "chair", "furniture", "/m/01mzpv", "chair=1fa91"),
  row(44, "bottle", "kitchen", "/m/04dr76w", "bottle-with-popping-cork=1f37e lotion-bottle=1f9f4 baby-bottle=1f37c"),
  row(31, "handbag", "accessory", "/m/080hkjn", "handbag=1f45c"),
  row(51, "bowl", "kitchen", "/m/04kkgm", "bowl-with-spoon=1f963 steaming-bowl=1f35c shallow-pan-of-food=1f958"),
  row(8, "truck", "vehicle", "/m/07r04", "delivery-truck=1f69a articulated-lorry=1f69b"),
  row(27, "backpack", "accessory", "/m/01940j", "backpack=1f392"),
  row(77, "cell phone", "electronic", "/m/050k8", "mobile-phone=1f4f1"),
  row(64, "potted plant", "furniture", "/m/03fp41", "potted-plant=1fab4 seedling=1f331"),
  row(63, "couch", "furniture", "/m/02crq1", "couch-and-lamp=1f6cb"),
  row(49, "knife", "kitchen", "/m/04ctx", "kitchen-knife=1f52a"),
  row(37, "sports ball", "sports", "/m/018xm", "soccer-ball=26bd basketball=1f3c0 volleyball=1f3d0"),
  row(32, "tie", "accessory", "/m/01rkbr", "necktie=1f454"),
  row(65, "bed", "furniture", "/m/03ssj5", "bed=1f6cf"),
  row(7, "train", "vehicle", "/m/07jdr", "train=1f686 locomotive=1f682 high-speed-train=1f684"),
  row(86, "vase", "indoor", "/m/02s195", "amphora=1f3fa"),
  row(50, "spoon", "kitchen", "/m/0cmx8", "spoon=1f944"),
  row(4, "motorcycle", "vehicle", "/m/04_sv", "motorcycle=1f3cd"),
  row(42, "surfboard", "sports", "/m/019w40", "person-surfing=1f3c4"),
  row(41, "skateboard", "sports", "/m/06_fw", "skateboard=1f6f9"),
  row(43, "tennis racket", "sports", "/m/0h8my_4", "tennis=1f3be"),
  row(70, "toilet", "furniture", "/m/09g1w", "toilet=1f6bd"),
  row(73, "laptop", "electronic", "/m/01c648", "laptop=1f4bb"),
  row(48, "fork", "kitchen", "/m/0dt3t", "fork-and-knife=1f374"),
  row(35, "skis", "sports", "/m/071p9", "skis=1f3bf"),
  row(19, "horse", "animal", "/m/03k3r", "horse=1f40e horse-face=1f434"),
  row(46, "wine glass", "kitchen", "/m/09tvcd", "wine-glass=1f377"),
  row(25, "giraffe", "animal", "/m/03bk1", "giraffe=1f992"),
  row(33, "suitcase", "accessory", "/m/01s55n", "luggage=1f9f3 briefcase=1f4bc"),
  row(54, "sandwich", "food", "/m/0l515", "sandwich=1f96a"),
  row(38, "kite", "sports", "/m/02zt3", "kite=1fa81"),
  row(34, "frisbee", "sports", "/m/02wmf", "flying-disc=1f94f"),
  row(88, "teddy bear", "indoor", "/m/0kmg4", "teddy-bear=1f9f8"),
  row(76, "keyboard", "electronic", "/m/01m2v", "keyboard=2328"),
  row(21, "cow", "animal", "/m/01xq0k1", "cow=1f404 cow-face=1f42e"),
  row(56, "broccoli", "food", "/m/0hkxq", "broccoli=1f966"),
  row(24, "zebra", "animal", "/m/0898b", "zebra=1f993"),
  row(74, "mouse", "electronic", "/m/020lf", "computer-mouse=1f5b1"),
  row(55, "orange", "food", "/m/0cyhj_", "tangerine=1f34a"),
  row(13, "stop sign", "outdoor", "/m/02pv19", "stop-sign=1f6d1"),
  row(57, "carrot", "food", "/m/0fj52s", "carrot=1f955"),
  row(36, "snowboard", "sports", "/m/06__v", "snowboarder=1f3c2"),
  row(20, "sheep", "animal", "/m/07bgp", "ewe=1f411 ram=1f40f"),
  row(58, "hot dog", "food", "/m/01b9xk", "hot-dog=1f32d"),
  row(90, "toothbrush", "indoor", "/m/012xff", "toothbrush=1faa5"),
  row(87, "scissors", "indoor", "/m/01lsmm", "scissors=2702"),
  row(23, "bear", "animal", "/m/01dws", "bear=1f43b"),
  row(60, "donut", "food", "/m/0jy4k", "doughnut=1f369"),
];
