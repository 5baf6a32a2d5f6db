/** Weights that have a name here. */
export type KnownWeights = {
  /** As timm calls them. */
  name: string;
  /** Their repository on the Hugging Face hub. */
  repository: string;
  /** The network, as the command's `--model-name` writes it. */
  model: "tresnet_m" | "tresnet_l" | "tresnet_xl" | "tresnet_l_v2";
  /** What the outputs are. */
  classes: "ImageNet-21K-P" | "ImageNet-1k";
  /** How many outputs the head has. */
  outputs: number;
  /** Side of the square images that they were trained on; RGB in [0, 1]. */
  imageSize: number;
  /** About the bytes of the file: those of its tensors, without its header of some 60 kB. */
  bytes: number;
  license: string;
};

/** The public TResNet weights of MIIL (Alibaba), as timm publishes them: the license is the one of their model cards. */
export const knownWeights: readonly KnownWeights[] = [
  row("tresnet_m.miil_in21k", "tresnet_m", "ImageNet-21K-P", 224, 209_574_196),
  row("tresnet_m.miil_in21k_ft_in1k", "tresnet_m", "ImageNet-1k", 224, 125_802_880),
  row("tresnet_m.miil_in1k", "tresnet_m", "ImageNet-1k", 224, 125_802_880),
  row("tresnet_m.miil_in1k_448", "tresnet_m", "ImageNet-1k", 448, 125_802_880),
  row("tresnet_l.miil_in1k", "tresnet_l", "ImageNet-1k", 224, 224_355_944),
  row("tresnet_l.miil_in1k_448", "tresnet_l", "ImageNet-1k", 448, 224_355_944),
  row("tresnet_xl.miil_in1k", "tresnet_xl", "ImageNet-1k", 224, 314_276_336),
  row("tresnet_xl.miil_in1k_448", "tresnet_xl", "ImageNet-1k", 448, 314_276_336),
  row("tresnet_v2_l.miil_in21k", "tresnet_l_v2", "ImageNet-21K-P", 224, 268_892_820),
  row("tresnet_v2_l.miil_in21k_ft_in1k", "tresnet_l_v2", "ImageNet-1k", 224, 185_121_504),
];

/** Weights that have this name; undefined when none have. */
export function findKnownWeights(name: string): KnownWeights | undefined {
  return knownWeights.find((weights) => weights.name === name);
}

function row(
  name: string,
  model: KnownWeights["model"],
  classes: KnownWeights["classes"],
  imageSize: number,
  bytes: number,
): KnownWeights {
  const outputs = classes === "ImageNet-21K-P" ? 11_221 : 1000;
  return {
    ...{ name, repository: `timm/${name}`, model, classes, outputs, imageSize, bytes },
    license: "Apache-2.0",
  };
}
