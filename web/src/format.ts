// How values are written for people. Nothing here touches the document.

const kUnseen = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;
const kMaxLength = 400;

/** Text from the network without characters that hide, break lines or turn the direction, and not without end. */
export function printable(text: string): string {
  const shown = text.length > kMaxLength ? `${text.slice(0, kMaxLength)}…` : text;
  return shown.replace(kUnseen, "\ufffd");
}

/** Text that takes `length` characters at most. The end of an address tells more than its middle. */
export function shortened(text: string, length: number): string {
  if (text.length <= length) return printable(text);
  const tail = Math.floor((length - 1) / 2);
  return `${printable(text.slice(0, length - 1 - tail))}…${printable(text.slice(text.length - tail))}`;
}

/** The beginning of a text, which tells more than its end. */
export function cut(text: string, length: number): string {
  return printable(text.length <= length ? text : `${text.slice(0, length - 1)}…`);
}

/** A name or an address: no true one is so long that it is shortened. */
export function label(text: string): string {
  return shortened(text, 64);
}

/** "0:42", "12:05", "3:20:00", and from two days on "5 d 3 h". */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [days, hours, minutes] = [Math.floor(whole / 86400), Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const two = (value: number) => String(value).padStart(2, "0");
  if (days >= 2) return `${days} d ${hours % 24} h`;
  if (hours > 0) return `${hours}:${two(minutes)}:${two(whole % 60)}`;
  return `${minutes}:${two(whole % 60)}`;
}

/** The same in words, coarser: "8 seconds", "12 minutes", "3 hours", "5 days". */
export function inWords(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 120) return counted(whole, "second");
  if (whole < 7200) return counted(Math.floor(whole / 60), "minute");
  if (whole < 172800) return counted(Math.floor(whole / 3600), "hour");
  return counted(Math.floor(whole / 86400), "day");
}

/** An interval of settings: "60 s", "0.5 s". */
export function interval(seconds: number): string {
  return `${number(Math.round(seconds * 10) / 10)} s`;
}

const kNumber = new Intl.NumberFormat("en", {maximumFractionDigits: 1});
export function number(value: number): string {
  return kNumber.format(value);
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${number(count)} ${count === 1 ? one : many}`;
}

export function familyName(family: string): string {
  return family === "ipv6" ? "IPv6" : "IPv4";
}

/** A word of the API, which has hyphens, for people. */
export function words(name: string): string {
  return label(name).replaceAll("-", " ");
}

const kMinute = {hour: "2-digit", minute: "2-digit", hourCycle: "h23"} as const;
const kClock = new Intl.DateTimeFormat(undefined, {...kMinute, second: "2-digit"});
const kHour = new Intl.DateTimeFormat(undefined, kMinute);
const kDay = new Intl.DateTimeFormat(undefined, {weekday: "short", day: "numeric", month: "short"});

/** The local time of day, with the day before it unless that is today. */
export function moment(time: Date, now: Date): string {
  if (Number.isNaN(time.getTime())) return "?";
  const clock = kClock.format(time);
  return time.toDateString() === now.toDateString() ? clock : `${kDay.format(time)}, ${clock}`;
}

/** Times on an axis, in unix seconds, `step` seconds apart: with seconds where minutes would repeat. */
export function ticks(times: readonly number[], step: number): string[] {
  return times.map((time) => (step < 60 ? kClock : kHour).format(time * 1000));
}

/** What puts addresses of both families in the order of their numbers. */
export function addressKey(address: string): string {
  if (!address.includes(":")) {
    return address
      .split(".")
      .map((octet) => octet.padStart(3, "0"))
      .join(".");
  }
  const [head = "", tail] = address.split("::");
  const part = (text: string) => (text === "" ? [] : text.split(":"));
  const [before, after] = [part(head), part(tail ?? "")];
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - before.length - after.length)).fill("0");
  return [...before, ...zeros, ...after].map((group) => group.padStart(4, "0")).join(":");
}

export function compare(a: string | number, b: string | number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
