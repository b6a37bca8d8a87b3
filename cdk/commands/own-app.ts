/** True in the package, where the stacks are those of another app. The build of the package replaces this file. */
export const isPackage: boolean = false;
