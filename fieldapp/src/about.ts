/** Which app this is; a number that entries carry, so that old ones are read as they were meant. */
export const APP = "1";
