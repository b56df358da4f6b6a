const { DateTime, Duration } = luxon;

const UNITS = [
    ["days", 24 * 60],
    ["hours", 60],
    ["minutes", 1],
];

/**
 * How long ago a moment was, in its largest unit and the user's language: "3 hr", "2 days".
 *
 * @param {luxon.DateTime} moment
 * @returns {string}
 */
export function formatSpan(moment) {
    const minutes = Math.max(1, Math.floor(DateTime.now().diff(moment, "minutes").minutes));
    const [unit, size] = UNITS.find(([, size]) => minutes >= size);
    return Duration.fromObject({ [unit]: Math.floor(minutes / size) }).toHuman({ unitDisplay: "short" });
}
