namespace VMSeed.Gslb.Tests.Simulation.Worlds;

/// <summary>A request on its way.</summary>
internal sealed class Flight(int site, long length, Course course, double sentAt)
{
    /// <summary>Where it was sent.</summary>
    public int Site => site;

    /// <summary>How it goes.</summary>
    public Course Course => course;

    /// <summary>When it was sent.</summary>
    public double SentAt => sentAt;

    /// <summary>Whether it has ended or was given up.</summary>
    public bool IsOver { get; set; }

    /// <summary>Bytes of its body that have come until a time.</summary>
    public double ReceivedAt(double now)
    {
        double body = now - sentAt - course.Connect - course.First;
        return course.Body == 0
            ? 0 : length * Math.Clamp(body / course.Body, 0, course.Part);
    }
}
