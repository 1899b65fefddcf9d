using VMSeed.Gslb.Estimation;

namespace VMSeed.Gslb.Selection;

/// <summary>A site that has been chosen for a request.</summary>
/// <param name="Site">The site.</param>
/// <param name="Predicted">Milliseconds that the fetch should take; of a site that is not known, a
/// guess.</param>
/// <param name="Terms">What the request meets there.</param>
/// <param name="Speed">Bytes per millisecond that its share of the line should bring; 0 where that
/// is not known.</param>
/// <param name="Reason">Why this one.</param>
internal readonly record struct SiteChoice(
    Site Site, double Predicted, Terms Terms, double Speed, ChoiceReason Reason);
