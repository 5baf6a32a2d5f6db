import { BlockList, isIP } from "node:net";

/** Addresses that no server of the public internet has (IANA's special-purpose registries), and those that stand for others. */
const ranges: readonly (readonly [address: string, bits: number])[] = [
  ...([
    ["0.0.0.0", 8],
    ["10.0.0.0", 8],
    ["100.64.0.0", 10],
    ["127.0.0.0", 8],
    ["169.254.0.0", 16],
    ["172.16.0.0", 12],
    ["192.0.0.0", 24],
    ["192.0.2.0", 24],
    ["192.31.196.0", 24],
    ["192.52.193.0", 24],
    ["192.88.99.0", 24],
    ["192.168.0.0", 16],
    ["192.175.48.0", 24],
    ["198.18.0.0", 15],
    ["198.51.100.0", 24],
    ["203.0.113.0", 24],
    ["224.0.0.0", 3],
  ] as const),
  ...([
    ["::", 96], // unspecified, this machine, and IPv4 in an old form
    ["::ffff:0:0", 96], // IPv4 in IPv6
    ["64:ff9b::", 96],
    ["64:ff9b:1::", 48],
    ["100::", 64],
    ["2001::", 23],
    ["2001:db8::", 32],
    ["2002::", 16],
    ["3fff::", 20],
    ["5f00::", 16],
    ["fc00::", 7],
    ["fe80::", 9],
    ["ff00::", 8],
  ] as const),
];

// Two lists: Node looks for IPv4 addresses among those of IPv6 as well, where one range above holds them all.
const lists = { 4: new BlockList(), 6: new BlockList() };
for (const [address, bits] of ranges) {
  const family = isIP(address) as 4 | 6;
  lists[family].addSubnet(address, bits, `ipv${family}`);
}

/** Whether an address is of this machine, of a private network, or stands for another one. */
export function isPrivateAddress(address: string): boolean {
  const [bare] = address.split("%") as [string];
  const family = isIP(bare) as 0 | 4 | 6;
  return family === 0 || lists[family].check(bare, `ipv${family}`);
}
