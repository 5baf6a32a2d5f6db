import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { EventSchema, SessionLog_SessionStatus } from "./protocol/event_pb.js";
import { DataClass } from "./protocol/summary_pb.js";
import { DataType } from "./protocol/types_pb.js";

type Event = MessageInitShape<typeof EventSchema>;

/** Where an event belongs. */
interface Place {
  step: number;
  /** Seconds since 1970. */
  time: number;
}

/** The first event of a file. */
export function versionEvent(time: number): Uint8Array {
  return bytes({ wallTime: time, what: { case: "fileVersion", value: "brain.Event:2" } });
}

/**
 * A process begins with this step: what an earlier one that was killed has written of it and of later ones no longer counts.
 * The first of a run must be there, too: TensorBoard takes every other one for a restart.
 */
export function startEvent({ step, time }: Place): Uint8Array {
  const value = { status: SessionLog_SessionStatus.START };
  return bytes({ wallTime: time, step: BigInt(step), what: { case: "sessionLog", value } });
}

/**
 * Numbers of one step by tag, as the scalars plugin of TensorBoard has them: float64, so that they are those of the log to
 * the last digit.
 */
export function scalarsEvent(values: Readonly<Record<string, number>>, { step, time }: Place): Uint8Array {
  const value = Object.entries(values).map(([tag, number]) => ({
    tag,
    metadata: { pluginData: { pluginName: "scalars" }, dataClass: DataClass.SCALAR },
    value: {
      case: "tensor" as const,
      value: { dtype: DataType.DT_DOUBLE, tensorShape: {}, doubleVal: [number] },
    },
  }));
  return bytes({ wallTime: time, step: BigInt(step), what: { case: "summary", value: { value } } });
}

function bytes(event: Event): Uint8Array {
  return toBinary(EventSchema, create(EventSchema, event));
}
