// What the exporter answers. Status, Group, Host and Event are those of docs/openapi.yaml; here is what the page reads.

export type Family = "ipv4" | "ipv6";
export type Role = "querier" | "non-querier" | "waiting";

export interface OtherQuerier {
  "address": string;
  "mac-address": string;
  "version": number;
  "query-interval": number | null;
  "measured-query-interval": number | null;
  "last-query": number;
  "expire": number;
}

export interface Rival {
  "address": string;
  "mac-address": string;
  "version": number;
  "last-query": number;
  "queries": number;
}

export interface LastGeneralQuery {
  "ago": number;
  "answered": number;
  "complete": boolean;
  "answered-before": number | null;
}

export interface Statistics {
  "sent": {"query": number; "general-query": number; "specific-query": number};
  "received": {total: number; query: number; report: number; leave: number} & Record<string, number>;
  "dropped": {total: number; reasons: Record<string, number>};
  "noticed": Record<string, number>;
  "elections-lost": number;
  "role-changes": number;
  "topology-changes"?: Record<string, number>;
}

export interface Finding {
  "id": string;
  "severity": "problem" | "risk" | "note";
  "subject": string;
  "what": string;
  "fix": string;
}

export interface Interface {
  "interface-name": string;
  "family": Family;
  "protocol": "IGMP" | "MLD";
  "healthy": boolean;
  "verdict": string;
  "findings": Finding[];
  "oper-status": "up" | "down";
  "mac-address": string | null;
  "address": string | null;
  "role": Role;
  "reason": string;
  "role-up-time": number;
  "querier": string | null;
  "other-querier": OtherQuerier | null;
  "rival": Rival | null;
  "next-query": number | null;
  "groups-count": number;
  "sources-count": number;
  "hosts-count": number;
  "silent-hosts-count": number;
  "membership-interval": number;
  "last-general-query": LastGeneralQuery | null;
  "settings": {"version": number; "query-interval": number; "explicit-tracking": boolean; "proxy": boolean};
  "statistics": Statistics;
}

export interface Status {
  "version": string;
  "up-time": number;
  "healthy": boolean;
  "verdict": string;
  "interfaces": Interface[];
}

export interface Source {
  "source-address": string;
  "forwarded": boolean;
  "expire": number | null;
}

export interface Member {
  "host-address": string;
  "version": number;
  "last-report": number;
}

export interface Group {
  "interface-name": string;
  "family": Family;
  "group-address": string;
  "filter-mode": "include" | "exclude";
  "version": number;
  "up-time": number;
  "expire": number;
  "last-reporter": string | null;
  "source": Source[];
  "host": Member[];
  "name": string;
  "hosts-count": number;
  "sources-count": number;
}

export interface Host {
  "interface-name": string;
  "family": Family;
  "host-address": string;
  "mac-address": string;
  "version": number;
  "up-time": number;
  "last-report": number;
  "answered-queries": number;
  "missed-queries": number;
  "awaited": boolean;
  "silent": boolean;
  "vendor": string;
  /** What a resolver calls it; empty when it is not known. */
  "name": string;
}

export interface State {
  id: number;
  time: string;
  exporter: {"version": string; "up-time": number; "host-name": string};
  reachable: boolean;
  /** When the first of the readings ended that have all been answered, or all not. */
  since: string;
  problem: string | null;
  status: Status | null;
  groups: Group[];
  hosts: Host[];
}

/** What a search among the groups has found, and those of it that are listed. */
export interface Found {
  found: number;
  groups: Group[];
}

export interface Series {
  "interface-name": string;
  "family": Family;
  "time": number[];
  "reports": (number | null)[];
  "queries": (number | null)[];
  "groups": (number | null)[];
  "hosts": (number | null)[];
}

export interface Happening {
  "id": number;
  "time": string;
  "event": string;
  "message": string;
  "priority"?: "error" | "warning" | "info" | "debug";
  "interface-name"?: string;
  "family"?: Family;
  "role"?: Role;
  "reason"?: string;
}

export interface History {
  interval: number;
  series: Series[];
  events: Happening[];
}
