/**
 * What went wrong in a way that its reader can do something about: a message of one line, and the exit code that says
 * whose turn it is. Such a failure is printed as it is, and never with a stack trace.
 */
export const exitCodes = { held: 0, failed: 1, usage: 2, cannotStart: 78, interrupted: 130 } as const;

export class Failure extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number = exitCodes.failed) {
    super(message);
    this.exitCode = exitCode;
  }
}

export const cannotStart = (message: string): Failure => new Failure(message, exitCodes.cannotStart);
