namespace VMSeed.Gslb.Selection;

/// <summary>A site that has been chosen for a request.</summary>
/// <param name="Site">The site.</param>
/// <param name="Predicted">Milliseconds that the fetch should take; of a site that is not known, a
/// guess.</param>
/// <param name="SetUps">Round trips that a new connection is expected to cost; 0 over a warm
/// one.</param>
internal readonly record struct SiteChoice(Site Site, double Predicted, int SetUps);
