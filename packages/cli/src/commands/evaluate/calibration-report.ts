import { type Calibration, calibration, fitTemperature, type MetricAccumulator } from "@csl/metrics";
import { percent } from "../../terminal/percent.js";

export interface CalibrationReport {
  calibration: Calibration;
  /** The temperature that fits these images, and the calibration it gives on them. */
  temperature: number;
  scaled: { ece: number; adaptiveEce: number; brier: number };
}

/** How far the model's probabilities can be taken at their word on the images of an evaluation, and with a temperature. */
export function calibrationReport(metrics: MetricAccumulator): CalibrationReport {
  const { temperature } = fitTemperature(metrics);
  const { ece, adaptiveEce, brier } = calibration(metrics, { scoresAre: "logits", temperature });
  return {
    calibration: calibration(metrics, { scoresAre: "logits" }),
    temperature,
    scaled: { ece, adaptiveEce, brier },
  };
}

/** One line, in percent as mAP is; the Brier score as a fraction, as everybody prints it. */
export function formatCalibration({ calibration: own, temperature, scaled }: CalibrationReport): string {
  const classes = own.classMean ? ` (mean of the classes ${percent(own.classMean.ece)})` : "";
  return (
    `calibration error ${percent(own.ece)}${classes}, adaptive ${percent(own.adaptiveEce)}, Brier ${own.brier.toFixed(4)}; ` +
    `with temperature ${temperature.toFixed(2)}: ${percent(scaled.ece)}`
  );
}
