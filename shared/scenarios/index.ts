/** Every named scenario, the lab sheet's first. */
import type { Scenario } from '../scenario.ts';
import { berkeleyFour } from './berkeley-four.ts';
import { cristianDevices } from './cristian-devices.ts';
import { memberReturns } from './member-returns.ts';

export const scenarios: readonly Scenario[] = [cristianDevices, berkeleyFour, memberReturns];
