/** A command to kill, small enough to be repeated a hundred times. */
export interface Workload {
  name: string;
  /**
   * The words after `node`, for a run whose results go to `folder`, given what the run before left there: a command
   * that a person has to repeat with another flag says so itself.
   */
  command(folder: string): Promise<string[]>;
}
