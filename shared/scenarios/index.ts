/** Every named scenario, the lab sheet's first. */
import type { Scenario } from '../scenario.ts';
import { berkeleyFour } from './berkeley-four.ts';
import { convergence, labSheetAverage, majorityGate, majorityGateOff, outlier, outlierByMean } from './clock/averaging.ts';
import { slewBackward, slewForward } from './clock/correction.ts';
import { asymmetry, asymmetryAssumed, containment, holdover, intersections, noWidening, threshold } from './clock/estimation.ts';
import { falsetickers, noMajority } from './clock/selection.ts';
import { commitWait } from './clock/transactions.ts';
import { cristianDevices } from './cristian-devices.ts';
import { bully9Crashed, bully10Crashed, ring8Crashed, ring678Crashed } from './election/lab-sheet.ts';
import { splitClassic, splitSafe } from './election/split.ts';
import { memberReturns } from './member-returns.ts';
import { deadlock, permissionMissing, permissionSkipped, tokensLost, yielding } from './mutex/crash.ts';
import { coordinatorKilled, holderPaused, holderPausedUnfenced } from './mutex/lease.ts';
import { mutualExclusion, otherLocks } from './mutex/turns.ts';

export const scenarios: readonly Scenario[] = [
  cristianDevices,
  berkeleyFour,
  bully10Crashed,
  bully9Crashed,
  ring8Crashed,
  ring678Crashed,
  mutualExclusion,
  ...otherLocks,
  splitClassic,
  splitSafe,
  memberReturns,
  holderPaused,
  holderPausedUnfenced,
  coordinatorKilled,
  ...tokensLost,
  permissionMissing,
  permissionSkipped,
  deadlock,
  yielding,
  containment,
  threshold,
  intersections,
  noWidening,
  asymmetry,
  asymmetryAssumed,
  holdover,
  slewForward,
  slewBackward,
  labSheetAverage,
  outlier,
  outlierByMean,
  majorityGate,
  majorityGateOff,
  convergence,
  falsetickers,
  noMajority,
  commitWait,
];
